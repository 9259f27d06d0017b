import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodStatus } from '../../../src/model/kube.ts'
import { hidesPullError } from '../../../src/status/pull-error.ts'
import { aContainerStatus } from '../../builders/pod.ts'

function waiting(reason: string, name = 'main'): PodStatus {
  return { containerStatuses: [aContainerStatus({ name, state: { waiting: { reason } } })] }
}

function init(status: PodStatus): PodStatus {
  return { initContainerStatuses: status.containerStatuses ?? [], containerStatuses: [] }
}

describe('a status that nobody has seen', () => {
  for (const reason of ['ErrImagePull', 'RegistryUnavailable', 'SignatureValidationFailed']) {
    it(`is hidden by the back-off from ${reason}`, () => {
      assert.equal(hidesPullError(waiting(reason), waiting('ImagePullBackOff')), true)
      assert.equal(hidesPullError(init(waiting(reason)), init(waiting('ImagePullBackOff'))), true)
    })
  }

  for (const [unseen, next] of [
    [waiting('ErrImagePull'), waiting('ErrImagePull')],
    [waiting('ErrImagePull'), waiting('ContainerCreating')],
    [waiting('ErrImagePull'), { containerStatuses: [aContainerStatus()] }],
    [waiting('ErrImagePull', 'side'), waiting('ImagePullBackOff')],
    [waiting('ContainerCreating'), waiting('ImagePullBackOff')],
    [waiting('ErrImagePull'), {}],
  ] as const) {
    it(`is not missed otherwise: ${JSON.stringify(next.containerStatuses?.[0]?.state ?? next)}`, () => {
      assert.equal(hidesPullError(unseen, next), false)
    })
  }
})
