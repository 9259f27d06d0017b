import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PersistentVolume } from '../../../../src/model/kube.ts'
import { groupOf, joinMountOptions, mountOptionsOf } from '../../../../src/translate/volumes/persistent-source.ts'

function options(mountOptions: readonly string[], annotated?: string): readonly string[] {
  const annotations = annotated === undefined ? {} : { 'volume.beta.kubernetes.io/mount-options': annotated }
  const volume: PersistentVolume = { metadata: { name: 'pv-1', annotations }, spec: { mountOptions } }
  return mountOptionsOf(volume)
}

describe('the mount options of a PersistentVolume', () => {
  it('are each named once, in the order of their names', () => {
    assert.deepEqual(options(['nolock', 'hard', 'nolock', '']), ['hard', 'nolock'])
    assert.deepEqual(joinMountOptions(['b', 'ro'], ['ro', 'a']), ['a', 'b', 'ro'])
  })

  it('are those of the annotation that came before the field, where there is one', () => {
    assert.deepEqual(options(['hard'], 'soft,nolock'), ['nolock', 'soft'])
    assert.deepEqual(options([]), [])
  })
})

describe('the group of a PersistentVolume', () => {
  it('is the number that its annotation says, and none for any other word', () => {
    const groups = ['1234', '0', '-1', 'staff', '', '99999999999'].map((text) =>
      groupOf({ metadata: { name: 'pv-1', annotations: { 'pv.beta.kubernetes.io/gid': text } }, spec: {} }),
    )
    assert.deepEqual(groups, [1234, 0, undefined, undefined, undefined, undefined])
    assert.equal(groupOf({ metadata: { name: 'pv-1' }, spec: {} }), undefined)
  })
})
