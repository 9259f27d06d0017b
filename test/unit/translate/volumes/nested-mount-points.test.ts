import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nestedMountPoints } from '../../../../src/translate/volumes/nested-mount-points.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

function nested(...containers: readonly (readonly (readonly [name: string, mountPath: string])[])[]) {
  const specs = containers.map((mounts, index) =>
    aContainer({ name: `c${index}`, volumeMounts: mounts.map(([name, mountPath]) => ({ name, mountPath })) }),
  )
  return nestedMountPoints(aPod({ spec: { containers: specs } }), 'outer')
}

describe('mount points in the middle of a volume', () => {
  it('are where another volume is mounted below it', () => {
    assert.deepEqual(
      nested([
        ['outer', '/etc/app'],
        ['inner', '/etc/app/conf.d/'],
        ['other', '/etc'],
      ]),
      ['conf.d'],
    )
  })

  it('leave to another volume what lies below that', () => {
    const mounts = [
      ['outer', '/dir'],
      ['a', '/dir/nested'],
      ['b', '/dir/nested-vol'],
      ['c', '/dir/nested.vol'],
      ['d', '/dir/nested/double'],
      ['e', '/dir/x/y'],
    ] as const
    assert.deepEqual(nested(mounts), ['nested', 'nested-vol', 'nested.vol', 'x/y'])
  })

  it('are not where only the name begins alike, or in another container', () => {
    assert.deepEqual(
      nested(
        [
          ['outer', '/etc/app'],
          ['inner', '/etc/apple'],
        ],
        [['inner', '/etc/app/conf.d']],
      ),
      [],
    )
  })

  it('lie below every place where the volume is mounted', () => {
    assert.deepEqual(
      nested([
        ['outer', '/a'],
        ['outer', 'b'],
        ['inner', '/a/x'],
        ['inner', '/b/../b/y'],
      ]),
      ['x', 'y'],
    )
  })
})
