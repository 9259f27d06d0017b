import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import { qosClass, type QosClass } from '../../../src/translate/qos-class.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

type Resources = NonNullable<ContainerSpec['resources']>

const both = { cpu: '100m', memory: '64Mi' }

describe('qosClass', () => {
  const cases: readonly (readonly [title: string, resources: readonly Resources[], qos: QosClass])[] = [
    ['asks for nothing', [{}], 'BestEffort'],
    ['asks for zero', [{ requests: { cpu: '0', memory: '0' }, limits: { cpu: '0m' } }], 'BestEffort'],
    ['asks only for what does not count', [{ requests: { 'ephemeral-storage': '1Gi' } }], 'BestEffort'],
    ['has limits of both', [{ limits: both }], 'Guaranteed'],
    ['has requests that equal the limits', [{ limits: both, requests: both }], 'Guaranteed'],
    [
      'writes equal amounts in different ways',
      [{ limits: both, requests: { cpu: '0.1', memory: '67108864' } }],
      'Guaranteed',
    ],
    ['has requests below the limits', [{ limits: both, requests: { ...both, cpu: '50m' } }], 'Burstable'],
    ['has a limit of one only', [{ limits: { memory: '64Mi' } }], 'Burstable'],
    ['has requests and no limits', [{ requests: both }], 'Burstable'],
    ['has limits in every container', [{ limits: both }, { limits: both }], 'Guaranteed'],
    [
      'has requests that equal the limits together',
      [
        { limits: both, requests: both },
        { limits: { cpu: '200m', memory: '1Gi' }, requests: { cpu: '0.2', memory: '1024Mi' } },
      ],
      'Guaranteed',
    ],
    ['has limits in one container of two', [{ limits: both }, {}], 'Burstable'],
  ]
  for (const [title, resources, qos] of cases) {
    it(`is ${qos} for a Pod that ${title}`, () => {
      const containers = resources.map((each, index) => aContainer({ name: `c${index}`, resources: each }))
      assert.equal(qosClass(aPod({ spec: { containers } })), qos)
    })
  }

  it('counts init containers', () => {
    const containers = [aContainer({ resources: { limits: both } })]
    assert.equal(qosClass(aPod({ spec: { containers, initContainers: [aContainer({ name: 'init' })] } })), 'Burstable')
  })

  it('goes by what is asked for the Pod as a whole, where that is', () => {
    const containers = [aContainer({ resources: { requests: both } })]
    const classOf = (resources: Resources): QosClass => qosClass(aPod({ spec: { containers, resources } }))
    assert.equal(classOf({ limits: both, requests: { cpu: '0.1', memory: '64Mi' } }), 'Guaranteed')
    assert.equal(classOf({ limits: { cpu: '100m' } }), 'Burstable')
    assert.equal(classOf({ requests: both }), 'Burstable')
    assert.equal(classOf({}), 'BestEffort')
  })

  it('is what the API server says', () => {
    assert.equal(qosClass(aPod({ status: { qosClass: 'Guaranteed' } })), 'Guaranteed')
  })

  it('serves a container without resources', () => {
    assert.equal(qosClass(aPod({ spec: { containers: [{ name: 'main' }] } })), 'BestEffort')
  })
})
