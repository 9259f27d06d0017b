import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { unsupportedKubeletFields } from '../../../src/config/kubelet-fields.ts'
import { replacementFor, unsupportedKubeletFlags } from '../../../src/config/kubelet-flags.ts'
import { settingList } from '../../../src/config/settings/settings.ts'

/** Names that stand in both lists: of what we have, and of what we don't. */
function both(ours: readonly (string | undefined)[], theirs: readonly string[]): readonly string[] {
  return theirs.filter((name) => ours.includes(name))
}

describe('the lists of what the kubelet has and we have not', () => {
  it('name nothing that we have', () => {
    assert.deepEqual(
      both(
        settingList.map(({ flag }) => flag),
        unsupportedKubeletFlags,
      ),
      [],
    )
    assert.deepEqual(
      both(
        settingList.map(({ field }) => field),
        unsupportedKubeletFields,
      ),
      [],
    )
  })

  it('name nothing twice', () => {
    assert.equal(new Set(unsupportedKubeletFlags).size, unsupportedKubeletFlags.length)
    assert.equal(new Set(unsupportedKubeletFields).size, unsupportedKubeletFields.length)
  })

  it('say what to use instead where there is something', () => {
    assert.equal(replacementFor('docker-endpoint'), ': use --docker-host to say where Docker answers')
    assert.equal(replacementFor('cgroup-root'), '')
  })
})
