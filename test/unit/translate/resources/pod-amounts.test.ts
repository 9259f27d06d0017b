import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../../src/model/kube.ts'
import { amountsOf, podLimits, podRequests, totalOf } from '../../../../src/translate/resources/pod-amounts.ts'
import { asking } from '../../../builders/admission.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const sidecar = { restartPolicy: 'Always' }

describe('podRequests', () => {
  const cases: readonly (readonly [title: string, spec: Partial<PodSpec>, cpu: bigint])[] = [
    ['nothing', { containers: [asking({})] }, 0n],
    ['what its containers ask for together', { containers: [asking({ cpu: '0.1' }), asking({ cpu: '250m' })] }, 350n],
    [
      'parts of a thousandth, rounded up at the end',
      { containers: [asking({ cpu: '0.4m' }), asking({ cpu: '0.4m' })] },
      1n,
    ],
    [
      'its greediest init container, where that is more',
      { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '3' }), asking({ cpu: '2' })] },
      3000n,
    ],
    [
      'its containers, where no init container is more',
      { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '500m' })] },
      1000n,
    ],
    [
      'its sidecars beside its containers',
      { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '200m' }, sidecar)] },
      1200n,
    ],
    [
      'an init container beside the sidecars before it',
      {
        containers: [asking({ cpu: '1' })],
        initContainers: [asking({ cpu: '2' }, sidecar), asking({ cpu: '3' }), asking({ cpu: '1' }, sidecar)],
      },
      5000n,
    ],
    [
      'no sidecars after an init container beside it',
      { containers: [asking({ cpu: '1' })], initContainers: [asking({ cpu: '5' }), asking({ cpu: '1' }, sidecar)] },
      5000n,
    ],
    ['its overhead on top', { containers: [asking({ cpu: '1' })], overhead: { cpu: '250m' } }, 1250n],
    [
      'what is asked for the Pod as a whole instead',
      { containers: [asking({ cpu: '1' })], resources: { requests: { cpu: '3' } }, overhead: { cpu: '250m' } },
      3250n,
    ],
    [
      'nothing where the Pod as a whole asks for nothing',
      { containers: [asking({ cpu: '1' })], resources: { requests: { cpu: '0' } } },
      0n,
    ],
  ]
  for (const [title, spec, cpu] of cases) {
    it(`is ${title}`, () => assert.equal(podRequests(aPod({ spec })).get('cpu') ?? 0n, cpu))
  }

  it('counts bytes and pieces whole', () => {
    const containers = [asking({ memory: '1.5Ki', 'example.com/gpu': '2', 'ephemeral-storage': '1M' })]
    assert.deepEqual(Object.fromEntries(podRequests(aPod({ spec: { containers } }))), {
      memory: 1536n,
      'example.com/gpu': 2n,
      'ephemeral-storage': 1_000_000n,
    })
  })

  it('takes only CPU, memory and huge pages for the Pod as a whole', () => {
    const resources = { requests: { 'example.com/gpu': '5', 'hugepages-2Mi': '4Mi' } }
    const spec = { containers: [asking({ 'example.com/gpu': '1' })], resources }
    assert.deepEqual(Object.fromEntries(podRequests(aPod({ spec }))), {
      'example.com/gpu': 1n,
      'hugepages-2Mi': 4_194_304n,
    })
  })
})

describe('podLimits', () => {
  const limited = (limits: Readonly<Record<string, string>>, change: Partial<ContainerSpec> = {}): ContainerSpec =>
    aContainer({ resources: { limits }, ...change })
  const of = (spec: Partial<PodSpec>): object => {
    const { limits, bounds } = podLimits(aPod({ spec }))
    return { ...Object.fromEntries(limits), bounds: [bounds('cpu'), bounds('memory')] }
  }

  it('are a bound only of what everything in the Pod has a limit of', () => {
    const containers = [limited({ cpu: '1', memory: '1Ki' }), limited({ cpu: '500m' })]
    assert.deepEqual(of({ containers }), { cpu: 1500n, memory: 1024n, bounds: [true, false] })
    const initContainers = [limited({})]
    assert.deepEqual(of({ containers: [limited({ cpu: '1' })], initContainers }), {
      cpu: 1000n,
      bounds: [false, false],
    })
  })

  it('are a bound of what the Pod as a whole has a limit of, instead of its containers', () => {
    const spec = { containers: [limited({ cpu: '1' }), limited({})], resources: { limits: { cpu: '3' } } }
    assert.deepEqual(of(spec), { cpu: 3000n, bounds: [true, false] })
  })

  it('count an init container beside the sidecars before it', () => {
    const initContainers = [limited({ cpu: '2' }, sidecar), limited({ cpu: '3' })]
    assert.deepEqual(of({ containers: [limited({ cpu: '1' })], initContainers }), { cpu: 5000n, bounds: [true, false] })
  })

  it('have the overhead on top, where there is a limit', () => {
    const spec = { containers: [limited({ cpu: '1' })], overhead: { cpu: '250m', memory: '1Ki' } }
    assert.deepEqual(of(spec), { cpu: 1250n, bounds: [true, false] })
  })
})

describe('amounts', () => {
  it('are added up by resource', () => {
    const total = totalOf([amountsOf({ cpu: '1', memory: '1Ki' }), amountsOf({ cpu: '500m' }), amountsOf(undefined)])
    assert.deepEqual(Object.fromEntries(total), { cpu: 1500n, memory: 1024n })
  })
})
