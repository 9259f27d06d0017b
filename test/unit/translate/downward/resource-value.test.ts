import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resourceValue, type ResourceRef } from '../../../../src/translate/downward/resource-value.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const allocatable = { cpu: '3920m', memory: '8Gi', 'ephemeral-storage': '10G', 'hugepages-2Mi': '64Mi' }
const sized = aContainer({
  resources: {
    limits: { cpu: '1250m', memory: '64Mi', 'ephemeral-storage': '1G', 'hugepages-2Mi': '4Mi' },
    requests: { cpu: '250m', memory: '32Mi', 'hugepages-2Mi': '4Mi' },
  },
})
const plain = aContainer({ name: 'plain', resources: { limits: { cpu: '0' } } })
const setup = aContainer({ name: 'setup' })
const pod = aPod({ spec: { initContainers: [setup], containers: [sized, plain] } })

function value(resource: string, ref: Partial<ResourceRef> = {}, container = sized): string {
  return resourceValue({ resource, ...ref }, pod, container, allocatable)
}

const rows: readonly (readonly [resource: string, divisor: string | undefined, expected: string])[] = [
  ['limits.cpu', undefined, '2'],
  ['limits.cpu', '1m', '1250'],
  ['limits.cpu', '0', '2'],
  ['requests.cpu', undefined, '1'],
  ['requests.cpu', '1m', '250'],
  ['limits.memory', undefined, '67108864'],
  ['limits.memory', '1Mi', '64'],
  ['limits.memory', '1M', '68'],
  ['requests.memory', '1Ki', '32768'],
  ['limits.ephemeral-storage', '1Gi', '1'],
  ['requests.ephemeral-storage', undefined, '0'],
  ['limits.hugepages-2Mi', '1Mi', '4'],
  ['requests.hugepages-2Mi', undefined, '4194304'],
  ['limits.hugepages-1Gi', undefined, '0'],
]

describe('a resource of a container', () => {
  for (const [resource, divisor, expected] of rows) {
    it(`${resource} by ${divisor ?? 'nothing'} is ${expected}`, () =>
      assert.equal(value(resource, divisor === undefined ? {} : { divisor }), expected))
  }

  it('is what the node has to give where it has no limit', () => {
    assert.equal(value('limits.cpu', { divisor: '1m' }, plain), '3920')
    assert.equal(value('limits.cpu', {}, plain), '4')
    assert.equal(value('limits.memory', {}, plain), String(8 * 2 ** 30))
    assert.equal(value('limits.ephemeral-storage', {}, plain), '10000000000')
    assert.equal(value('limits.hugepages-2Mi', {}, plain), '0')
    assert.equal(value('requests.cpu', {}, plain), '0')
  })

  it('is the Pod’s limit where it has none of its own and the Pod has one', () => {
    const limited = aPod({ spec: { containers: [plain], resources: { limits: { cpu: '2', memory: '0' } } } })
    const read = (resource: string) => resourceValue({ resource }, limited, plain, allocatable)
    assert.equal(read('limits.cpu'), '2')
    assert.equal(read('limits.memory'), String(8 * 2 ** 30))
  })

  it('is nothing that the node does not have, whatever the Pod’s limit', () => {
    const limited = aPod({ spec: { containers: [plain], resources: { limits: { cpu: '2' } } } })
    assert.equal(resourceValue({ resource: 'limits.cpu' }, limited, plain, {}), '0')
  })

  it('may be another container’s; an init container has only a default of its own where it speaks of itself', () => {
    assert.equal(value('limits.memory', { containerName: 'main', divisor: '1Mi' }, plain), '64')
    assert.equal(value('limits.cpu', { containerName: 'plain', divisor: '1m' }), '3920')
    assert.equal(value('limits.cpu', { containerName: 'setup', divisor: '1m' }), '0')
    assert.equal(value('limits.cpu', { divisor: '1m' }, setup), '3920')
  })

  it('is none of a container that is not there, and none of any other kind', () => {
    assert.throws(() => value('limits.cpu', { containerName: 'who' }), { message: 'container who not found' })
    assert.throws(() => value('limits.gpu'), { message: 'unsupported container resource : limits.gpu' })
  })
})
