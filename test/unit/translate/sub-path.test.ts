import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { VolumeMountSpec } from '../../../src/model/kube.ts'
import { mountedSubPath, subPathsOf, usesSubPaths } from '../../../src/translate/sub-path.ts'
import { aContainer, aPodUid } from '../../builders/pod.ts'

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

describe('subPathsOf', () => {
  const facts = {
    paths: { root: '/root', podLogs: '/logs' },
    volumes: new Map([
      ['data', { kind: 'path', path: '/host/data', readOnly: false, mayBeMissing: false }],
      ['pictures', { kind: 'image', reference: 'pictures:1' }],
    ] as const),
    variables: environment,
  }

  it('has what is to be bound, each at a place of its own, and nothing for whole volumes and images', () => {
    const volumeMounts = [
      mount({ subPath: 'a' }),
      mount({ mountPath: '/whole' }),
      mount({ mountPath: '/b', subPathExpr: 'b/$(POD_NAME)' }),
      mount({ name: 'pictures', mountPath: '/pictures', subPath: 'cats' }),
    ]
    const of = { volumeName: 'data', volumePath: '/host/data', containerName: 'main' }
    const target = `/root/pods/${aPodUid}/volume-subpaths/data/main`
    assert.deepEqual(subPathsOf(aPodUid, aContainer({ volumeMounts }), facts), [
      { ...of, path: 'a', target: `${target}/0` },
      { ...of, path: 'b/web-0', target: `${target}/2` },
    ])
  })

  it('refuses a path that could lead out of whatever volume', () => {
    const volumeMounts = [mount({ name: 'pictures', subPath: '../x' })]
    assert.throws(() => subPathsOf(aPodUid, aContainer({ volumeMounts }), facts), { code: 'invalid' })
  })
})
