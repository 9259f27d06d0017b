import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PersistentVolume } from '../../../../src/model/kube.ts'
import { joinMountOptions, mountOptionsOf } from '../../../../src/translate/volumes/persistent-source.ts'

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
