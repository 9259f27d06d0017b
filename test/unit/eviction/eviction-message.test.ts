import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { starvationVerdict, type Starvation } from '../../../src/eviction/eviction-message.ts'
import type { PodSpec } from '../../../src/model/kube.ts'
import { asking } from '../../builders/admission.ts'
import { aContainerUse, aPodUse, aThreshold, mebibyte, seen } from '../../builders/eviction.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const ofMemory: Starvation = {
  signal: 'memory.available',
  due: [aThreshold('nodefs.available', '10%'), aThreshold('memory.available', '100Mi')],
  observations: seen({ 'memory.available': 50 * mebibyte }),
}
const ofDisk: Starvation = {
  signal: 'nodefs.available',
  due: [aThreshold('nodefs.available', '1Gi')],
  observations: seen({ 'nodefs.available': 512 * mebibyte }),
}

describe('a Pod that has to go for want of something', () => {
  const spec: Partial<PodSpec> = {
    containers: [
      asking({ memory: '10Mi' }, { name: 'greedy' }),
      aContainer({ name: 'modest' }),
      asking({ memory: '500Mi' }, { name: 'within' }),
    ],
    initContainers: [aContainer({ name: 'sidecar', restartPolicy: 'Always' })],
  }
  const use = aPodUse({
    memory: 100 * mebibyte,
    containers: [
      aContainerUse('debugger', { memory: 500 * mebibyte }),
      aContainerUse('greedy', { memory: 12 * mebibyte }),
      aContainerUse('modest', { memory: 1025 }),
      aContainerUse('sidecar', { memory: 2 * mebibyte }),
      aContainerUse('within', { memory: 500 * mebibyte }),
    ],
  })

  it('is told what there is too little of, how little, and which containers use more than they asked for', () => {
    const message = [
      'The node was low on resource: memory. ',
      'Threshold quantity: 100Mi, available: 50Mi. ',
      'Container greedy was using 12Mi, request is 10Mi, has larger consumption of memory. ',
      'Container modest was using 1025, request is 0, has larger consumption of memory. ',
      'Container sidecar was using 2Mi, request is 0, has larger consumption of memory. ',
    ].join('')
    assert.deepEqual(starvationVerdict(aPod({ spec }), use, ofMemory), {
      kind: 'disrupted',
      reason: 'Evicted',
      message,
      condition: message,
      signal: 'memory.available',
      annotations: {
        offending_containers: 'greedy,modest,sidecar',
        offending_containers_usage: '12Mi,1025,2Mi',
        starved_resource: 'memory',
      },
    })
  })

  it('is named as a whole where it asks for memory as a whole, whatever it uses', () => {
    const resources = { requests: { memory: '200Mi' } }
    const verdict = starvationVerdict(aPod({ spec: { containers: [aContainer()], resources } }), use, ofMemory)
    assert.ok(verdict.message.endsWith('Pod web was using 100Mi, request is 200Mi, has larger consumption of memory. '))
    assert.partialDeepStrictEqual(verdict.annotations, { offending_pod: 'web', offending_pod_usage: '100Mi' })
  })

  it('is told what its containers have on the disk, layers and logs together, and nothing of one of which only a part is known', () => {
    const containers = [
      aContainerUse('main', { rootfs: 3 * mebibyte, logs: mebibyte }),
      aContainerUse('other', { rootfs: 3 * mebibyte }),
    ]
    const pod = aPod({ spec: { containers: [asking({ 'ephemeral-storage': '1Mi' }), aContainer({ name: 'other' })] } })
    assert.equal(
      starvationVerdict(pod, aPodUse({ containers }), ofDisk).message,
      'The node was low on resource: ephemeral-storage. Threshold quantity: 1Gi, available: 512Mi. Container main was using 4Mi, request is 1Mi, has larger consumption of ephemeral-storage. ',
    )
  })

  it('is told of no container where files or processes are scarce', () => {
    const signal = 'pid.available'
    const { message, annotations } = starvationVerdict(aPod(), use, {
      signal,
      due: [aThreshold(signal, '2k')],
      observations: seen({ [signal]: 1500 }),
    })
    assert.equal(message, 'The node was low on resource: pids. Threshold quantity: 2k, available: 1500. ')
    assert.deepEqual(annotations, {
      offending_containers: '',
      offending_containers_usage: '',
      starved_resource: 'pids',
    })
  })

  it('is told no more than that where nothing is known of it', () => {
    const { message, annotations } = starvationVerdict(aPod(), undefined, ofMemory)
    assert.equal(message, 'The node was low on resource: memory. Threshold quantity: 100Mi, available: 50Mi. ')
    assert.deepEqual(annotations, {})
  })
})
