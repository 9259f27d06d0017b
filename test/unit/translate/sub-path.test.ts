import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeMountSpec } from '../../../src/model/kube.ts'
import { mountedSubPath, usesSubPaths } from '../../../src/translate/sub-path.ts'
import { aContainer } from '../../builders/pod.ts'

const environment = new Map([
  ['POD_NAME', 'web-0'],
  ['UP', '..'],
  ['ROOT', '/tmp'],
  ['EMPTY', ''],
])

function mount(fields: Partial<VolumeMountSpec>): VolumeMountSpec {
  return { name: 'data', mountPath: '/data', ...fields }
}

describe('mountedSubPath', () => {
  const paths: readonly (readonly [fields: Partial<VolumeMountSpec>, path: string])[] = [
    [{}, ''],
    [{ subPath: '', subPathExpr: '' }, ''],
    [{ subPath: 'mysql' }, 'mysql'],
    [{ subPath: 'a/./b//c' }, 'a/./b//c'],
    [{ subPath: '$(POD_NAME)' }, '$(POD_NAME)'],
    [{ subPath: '...' }, '...'],
    [{ subPath: '..data/key' }, '..data/key'],
    [{ subPathExpr: 'logs/$(POD_NAME)' }, 'logs/web-0'],
    [{ subPathExpr: '$(POD_NAME)$(POD_NAME)' }, 'web-0web-0'],
    [{ subPathExpr: '$$(POD_NAME)' }, '$(POD_NAME)'],
    [{ subPathExpr: '$POD_NAME' }, '$POD_NAME'],
  ]
  for (const [fields, path] of paths) {
    it(`of ${JSON.stringify(fields)} is ${JSON.stringify(path)}`, () => {
      assert.equal(mountedSubPath(mount(fields), environment), path)
    })
  }

  const faults: readonly (readonly [fields: Partial<VolumeMountSpec>, code: string, message: string])[] = [
    [{ subPath: '/etc' }, 'invalid', 'error SubPath `/etc` must not be an absolute path'],
    [{ subPath: '..' }, 'invalid', "unable to provision SubPath `..`: must not contain '..'"],
    [{ subPath: 'a/../../b' }, 'invalid', "unable to provision SubPath `a/../../b`: must not contain '..'"],
    [{ subPathExpr: '$(ROOT)' }, 'invalid', 'error SubPath `/tmp` must not be an absolute path'],
    [{ subPathExpr: 'x/$(UP)' }, 'invalid', "unable to provision SubPath `x/..`: must not contain '..'"],
    [{ subPathExpr: '$(UP)' }, 'invalid', "unable to provision SubPath `..`: must not contain '..'"],
    [{ subPathExpr: '$(NONE)/$(POD_NAME)' }, 'not-found', 'missing value for NONE'],
    [{ subPathExpr: '$(Z)$(A)$(Z)$(EMPTY)' }, 'not-found', 'missing value for A, EMPTY, Z'],
  ]
  for (const [fields, code, message] of faults) {
    it(`of ${JSON.stringify(fields)} is refused`, () => {
      assert.throws(() => mountedSubPath(mount(fields), environment), { code, message })
    })
  }
})

describe('usesSubPaths', () => {
  it('is true where a mount has a path or an expression', () => {
    assert.equal(usesSubPaths(aContainer()), false)
    assert.equal(usesSubPaths(aContainer({ volumeMounts: [mount({ subPath: '' }), mount({})] })), false)
    assert.equal(usesSubPaths(aContainer({ volumeMounts: [mount({}), mount({ subPath: 'a' })] })), true)
    assert.equal(usesSubPaths(aContainer({ volumeMounts: [mount({ subPathExpr: '$(A)' })] })), true)
  })
})
