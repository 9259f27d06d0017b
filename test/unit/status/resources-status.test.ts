import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import type { ActualResources } from '../../../src/model/observed.ts'
import { resourcesStatus } from '../../../src/status/resources-status.ts'
import { anObservedContainer, exited } from '../../builders/observed.ts'
import { aContainer } from '../../builders/pod.ts'

type Resources = NonNullable<ContainerSpec['resources']>

const mebibyte = 1024 ** 2
const none = { cpuRequest: 0, cpuLimit: 0, memoryRequest: 0, memoryLimit: 0 }
const given = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } }

/** What is shown of a running container that was given one thing, and has another. */
function shown(resources: Resources, actual: Partial<ActualResources>, memoryRequest = 0): object {
  const unlimited = { cpuShares: 2, cpuQuota: 0, cpuPeriod: 100_000, memoryBytes: 0 }
  const running = anObservedContainer({ resources: { ...unlimited, ...actual } })
  return resourcesStatus(aContainer({ resources }), running, { ...none, memoryRequest })
}

describe('what the status of a container says of its resources', () => {
  it('is what it was given, as that is written, where Docker has the same', () => {
    const actual = { cpuShares: 102, cpuQuota: 20_000, memoryBytes: 128 * mebibyte }
    const written = { ...given, limits: { cpu: '0.2', memory: '131072Ki' } }
    assert.deepEqual(shown(written, actual, 64 * mebibyte), { resources: written, allocatedResources: given.requests })
  })

  it('is what Docker lets a running container have, where it was given something else', () => {
    const actual = { cpuShares: 307, cpuQuota: 150_000, memoryBytes: 96 * mebibyte }
    assert.deepEqual(shown(given, actual, 32 * mebibyte), {
      allocatedResources: given.requests,
      resources: { requests: { cpu: '300m', memory: '32Mi' }, limits: { cpu: '1500m', memory: '96Mi' } },
    })
  })

  for (const milli of [1, 2, 3, 7, 35, 99, 100, 101, 333, 999, 1000, 1001, 2500, 15_999]) {
    it(`is ${milli}m of CPU again where that was asked for`, () => {
      const resources = { requests: { cpu: `${milli}m` }, limits: { cpu: `${milli}m` } }
      const cpuShares = Math.max(2, Math.floor((milli * 1024) / 1000))
      const cpuQuota = Math.max(1000, milli * 100)
      assert.deepEqual(shown(resources, { cpuShares, cpuQuota }), { resources, allocatedResources: resources.requests })
    })
  }

  it('is as exact as it was asked for, where the kernel counts in larger parts', () => {
    const resources = { requests: { cpu: '100500u', memory: '1500m' } }
    assert.deepEqual(shown(resources, { cpuShares: 103 }, 2), { resources, allocatedResources: resources.requests })
  })

  it('is what it was given where it does not run, and nothing of what nobody asked for', () => {
    const ended = anObservedContainer({ state: exited() })
    const status = resourcesStatus(aContainer({ resources: given }), ended, none)
    assert.deepEqual(status, { resources: given, allocatedResources: given.requests })
    assert.deepEqual(resourcesStatus(aContainer(), ended, none), { resources: {} })
    assert.deepEqual(shown({}, { cpuQuota: 20_000, memoryBytes: 64 * mebibyte }), { resources: {} })
  })

  it('keeps what else it was given', () => {
    const resources = { requests: { 'example.com/gpu': '1' }, limits: { 'example.com/gpu': '1' } }
    assert.deepEqual(shown(resources, {}), { resources, allocatedResources: resources.requests })
  })
})
