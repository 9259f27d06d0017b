import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { specFaults, webPod } from '../manifests.ts'

type Resources = NonNullable<PodSpec['resources']>

const c = 'spec.containers[0].resources'
const notAQuantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const [web] = webPod().spec.containers
assert.ok(web)

function withResources(resources: Resources): Partial<PodSpec> {
  return { containers: [{ ...web, name: 'web', resources }] }
}

describe('What a container asks for', () => {
  const unknown = 'must be a standard resource type or fully qualified'
  const notForContainers = 'must be a standard resource for containers'
  const cases: readonly (readonly [title: string, resources: Resources, faults: readonly string[]])[] = [
    [
      'may be all there is',
      {
        requests: {
          cpu: '1',
          memory: '1Gi',
          'ephemeral-storage': '1G',
          'hugepages-2Mi': '4Mi',
          'example.com/gpu': '1',
        },
        limits: { cpu: '2', 'hugepages-2Mi': '4Mi', 'example.com/gpu': '1' },
      },
      [],
    ],
    ['is quantities', { limits: { cpu: 'much' } }, [`${c}.limits[cpu]: Invalid value: "much": ${notAQuantity}`]],
    [
      'is not negative',
      { limits: { memory: '-1' } },
      [`${c}.limits[memory]: Invalid value: "-1": must be greater than or equal to 0`],
    ],
    [
      'is no more than its limit',
      { requests: { cpu: '1500m' }, limits: { cpu: '1' } },
      [`${c}.requests: Invalid value: "1500m": must be less than or equal to cpu limit of 1`],
    ],
    [
      'has a name that is known',
      { limits: { disk: '1' }, requests: { pods: '1' } },
      [
        `${c}.limits[disk]: Invalid value: "disk": ${unknown}`,
        `${c}.limits[disk]: Invalid value: "disk": ${notForContainers}`,
        `${c}.requests[pods]: Invalid value: "pods": ${notForContainers}`,
      ],
    ],
    [
      'may not have the names of quotas',
      { limits: { 'requests.example.com/gpu': '1' } },
      [
        `${c}.limits[requests.example.com/gpu]: Invalid value: "requests.example.com/gpu": doesn't follow extended resource name standard`,
      ],
    ],
    [
      'is, of extended resources, what it is limited to, in whole pieces',
      { requests: { 'example.com/gpu': '1', 'example.com/b': '1' }, limits: { 'example.com/gpu': '1500m' } },
      [
        `${c}.limits[example.com/gpu]: Invalid value: "1500m": must be an integer`,
        `${c}.requests: Invalid value: "1": must be equal to example.com/gpu limit of 1500m`,
        `${c}.limits: Required value: Limit must be set for non overcommitable resources`,
      ],
    ],
    [
      'is whole huge pages, beside CPU or memory',
      { requests: { 'hugepages-2Mi': '3Mi' }, limits: { 'hugepages-2Mi': '3Mi' } },
      [
        `${c}.limits[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
        `${c}.requests[hugepages-2Mi]: Invalid value: "3Mi": 3Mi is not positive integer multiple of hugepages-2Mi`,
        `${c}: Forbidden: HugePages require cpu or memory`,
      ],
    ],
  ]
  for (const [title, resources, faults] of cases) {
    it(title, () => assert.deepEqual(specFaults(withResources(resources)), faults))
  }
})

describe('What is asked for a Pod as a whole', () => {
  const r = 'spec.resources'
  const cases: readonly (readonly [title: string, spec: Partial<PodSpec>, faults: readonly string[]])[] = [
    ['may be CPU, memory and huge pages', { resources: { requests: { cpu: '1' }, limits: { memory: '1Gi' } } }, []],
    [
      'may be nothing else',
      { resources: { limits: { 'ephemeral-storage': '1Gi' }, claims: [{ name: 'a' }] } },
      [
        `${r}.claims: Forbidden: claims may not be set for Resources at pod-level`,
        `${r}.limits[ephemeral-storage]: Unsupported value: "ephemeral-storage": supported values: "cpu", "hugepages-", "memory"`,
      ],
    ],
    [
      'is no less than what its containers ask for together',
      { ...withResources({ requests: { cpu: '1500m' } }), resources: { requests: { cpu: '1' } } },
      [
        `${r}.requests[cpu]: Invalid value: "1": must be greater than or equal to aggregate container requests of 1500m`,
      ],
    ],
    [
      'limits each of its containers',
      { ...withResources({ limits: { memory: '2Gi' } }), resources: { limits: { memory: '1Gi' } } },
      [`${r}.containers[0].memory.limits: Invalid value: "2Gi": must be less than or equal to pod limits of 1Gi`],
    ],
    [
      'limits the huge pages of its containers together',
      {
        containers: ['a', 'b'].map((name) => ({
          ...web,
          name,
          resources: { requests: { cpu: '1', 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } },
        })),
        resources: { requests: { cpu: '2', 'hugepages-2Mi': '2Mi' }, limits: { 'hugepages-2Mi': '2Mi' } },
      },
      [
        `${r}.requests[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container requests of 4Mi`,
        `${r}.limits[hugepages-2Mi]: Invalid value: "2Mi": must be greater than or equal to aggregate container limits of 4Mi`,
      ],
    ],
    [
      'has an overhead in quantities',
      { overhead: { cpu: '-1' } },
      ['spec.overhead.limits[cpu]: Invalid value: "-1": must be greater than or equal to 0'],
    ],
  ]
  for (const [title, spec, faults] of cases) {
    it(title, () => assert.deepEqual(specFaults(spec), faults))
  }
})
