import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { supplementalGroups } from '../../../../src/translate/security/groups.ts'
import type { MountedVolume } from '../../../../src/translate/volumes/mounted-volume.ts'
import { aPod } from '../../../builders/pod.ts'

function of(group?: number): MountedVolume {
  return {
    kind: 'path',
    path: '/data',
    readOnly: false,
    mayBeMissing: false,
    ...(group === undefined ? {} : { group }),
  }
}

function groupsOf(securityContext: NonNullable<PodSpec['securityContext']>, ...volumes: readonly MountedVolume[]) {
  return supplementalGroups(aPod({ spec: { securityContext } }), volumes)
}

describe('the groups of a process', () => {
  it('are none where nobody names any', () => {
    assert.deepEqual(groupsOf({}, of(), { kind: 'image', reference: 'busybox' }), {})
  })

  it("are the Pod's, then those whose its volumes are, each of these once", () => {
    assert.deepEqual(groupsOf({ fsGroup: 5, supplementalGroups: [7, 6] }, of(6), of(9), of(8), of(9)), {
      GroupAdd: ['5', '7', '6', '9', '8'],
    })
  })
})
