import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../../../src/model/kube.ts'
import {
  allocationOf,
  containerAmounts,
  isAllocated,
  notedAllocation,
  withAllocation,
} from '../../../../src/translate/resources/allocation.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const small = { requests: { cpu: '100m', memory: '64Mi' }, limits: { cpu: '200m', memory: '128Mi' } }
const large = { requests: { cpu: '300m', memory: '128Mi' }, limits: { cpu: '400m', memory: '256Mi' } }

type Resources = NonNullable<ContainerSpec['resources']>

function aResizable(resources: Resources = small, init: Resources = small): Pod {
  const initContainers = [aContainer({ name: 'init', resources: init })]
  return aPod({ spec: { initContainers, containers: [aContainer({ resources }), aContainer({ name: 'side' })] } })
}

describe('what a Pod has been given', () => {
  it('is at first what it asks for, by container, with its init containers', () => {
    assert.deepEqual(allocationOf(aResizable()), { containers: { init: small, main: small } })
  })

  it('is what is asked for the Pod as a whole, too', () => {
    const pod = aPod({ spec: { resources: { ...large, claims: [{ name: 'gpu' }] } } })
    assert.deepEqual(allocationOf(pod), { pod: large, containers: {} })
  })

  it('is not noted for a Pod that asks for nothing', () => {
    const pod = aPod({ spec: { resources: {}, containers: [aContainer({ resources: { requests: {} } })] } })
    assert.equal(notedAllocation(pod), undefined)
    assert.deepEqual(notedAllocation(aResizable()), { containers: { init: small, main: small } })
  })

  it('stands in the place of what the spec asks for', () => {
    const pod = aResizable(large, large)
    const given = withAllocation(pod, allocationOf(aResizable()))
    assert.deepEqual(given.spec, aResizable().spec)
    assert.deepEqual(pod.spec.containers[0]?.resources, large, 'the Pod itself stays as it is')
  })

  it('hides what is asked for anew', () => {
    const resources = { requests: { cpu: '1' } }
    const pod = aPod({ spec: { resources, containers: [aContainer({ resources: { ...large, requests: {} } })] } })
    const given = withAllocation(pod, { containers: { main: { limits: { cpu: '1' } } } })
    assert.deepEqual(given.spec.containers[0]?.resources, { limits: { cpu: '1' }, requests: {} })
    assert.equal(given.spec.resources, undefined)
  })

  it('leaves a Pod alone that asks for just that, however it is written', () => {
    const pod = aResizable({ requests: { cpu: '0.1', memory: '65536Ki' }, limits: { cpu: '0.20', memory: '128Mi' } })
    assert.ok(isAllocated(pod, allocationOf(aResizable())))
    assert.equal(withAllocation(pod, allocationOf(aResizable())), pod)
  })

  for (const [what, changed] of [
    ['another amount', { ...small, requests: { cpu: '101m', memory: '64Mi' } }],
    ['a resource more', { ...small, limits: { ...small.limits, 'example.com/gpu': '1' } }],
    ['a resource less', { ...small, limits: { cpu: '200m' } }],
  ] as const) {
    it(`is not what a container asks for that asks for ${what}`, () => {
      const allocation = allocationOf(aResizable())
      assert.equal(isAllocated(aResizable(changed), allocation), false)
      assert.equal(isAllocated(aResizable(small, changed), allocation), false)
    })
  }
})

describe('what a container is to have in numbers', () => {
  it('is thousandths of a CPU and bytes, and 0 for what is not said', () => {
    const pod = aResizable()
    const [main, side] = pod.spec.containers.map((container) => containerAmounts(pod, container))
    const mebibyte = 1024 ** 2
    const amounts = { cpuRequest: 100, cpuLimit: 200, memoryRequest: 64 * mebibyte, memoryLimit: 128 * mebibyte }
    assert.deepEqual(main, amounts)
    assert.deepEqual(side, { cpuRequest: 0, cpuLimit: 0, memoryRequest: 0, memoryLimit: 0 })
  })

  it('takes the limits of the Pod as a whole where a container has none of its own', () => {
    const pod = aPod({
      spec: { resources: large, containers: [aContainer({ resources: { limits: { cpu: '50m' } } })] },
    })
    assert.deepEqual(
      pod.spec.containers.map((container) => containerAmounts(pod, container)),
      [{ cpuRequest: 0, cpuLimit: 50, memoryRequest: 0, memoryLimit: 256 * 1024 ** 2 }],
    )
  })
})
