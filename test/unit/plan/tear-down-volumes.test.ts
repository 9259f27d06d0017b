import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import { computeTerminationActions } from '../../../src/plan/terminate-pod.ts'
import { podFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox, exited } from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const pod = aPod({ spec: { restartPolicy: 'Never', containers: [aContainer()] } })
const ended = anObservedPod({ containers: [anObservedContainer({ state: exited() })] })
const over = anObservedPod({ ...ended, sandboxes: [anObservedSandbox({ state: exited() })] })
const kinds = (actions: readonly { readonly kind: string }[]): readonly string[] => actions.map(({ kind }) => kind)

describe('The volumes of a Pod', () => {
  it('stay while anything of it runs', () => {
    assert.deepEqual(kinds(computePodActions(pod, anObservedPod(), podFacts({ volumesTornDown: false }))), [])
  })

  it('go when its containers have ended for good, and after its sandbox', () => {
    const facts = podFacts({ volumesTornDown: false })
    assert.deepEqual(kinds(computePodActions(pod, ended, facts)), ['stop-sandbox'])
    assert.deepEqual(kinds(computePodActions(pod, over, facts)), ['tear-down-volumes'])
    assert.deepEqual(kinds(computePodActions(pod, over, podFacts({ volumesTornDown: true }))), [])
  })

  it('go when what was being set up is there', () => {
    assert.deepEqual(
      kinds(computePodActions(pod, over, podFacts({ volumesTornDown: false, volumesUnderWay: true }))),
      [],
    )
  })

  it('go when the node has ended it, and its object stays', () => {
    const end = { ...podFacts(), pod, graceSeconds: 1, remove: false, comesAgain: false, hasVolumes: true }
    const facts = { ...end, volumesTornDown: false }
    assert.deepEqual(kinds(computeTerminationActions(ended, facts)), ['stop-sandbox'])
    assert.deepEqual(kinds(computeTerminationActions(over, facts)), ['tear-down-volumes'])
    assert.deepEqual(kinds(computeTerminationActions(over, end)), [])
  })
})
