import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { holdersOf } from '../../../../src/plan/admission/holders.ts'
import { asksForUnknown, shortageRefusal, shortages } from '../../../../src/plan/admission/resource-fit.ts'
import { aNodeObject, podAsking } from '../../../builders/admission.ts'
import { aPod } from '../../../builders/pod.ts'

type Resources = Readonly<Record<string, string>>

/** What a Pod lacks beside others that ask for this, by resource, on a node with these resources besides the usual ones. */
function lacks(wanted: Resources, others: readonly Resources[] = [], more: Resources = {}): readonly string[] {
  const allocatable = { ...aNodeObject().status?.allocatable, ...more }
  const facts = {
    node: aNodeObject({ status: { allocatable } }),
    others: holdersOf(others.map((each) => podAsking(each))),
  }
  return shortages(podAsking(wanted), facts).map((shortage) => shortageRefusal(shortage).message)
}

function message(resource: string, requested: string, used: string, capacity: string): string {
  return `Node didn't have enough resource: ${resource}, requested: ${requested}, used: ${used}, capacity: ${capacity}`
}

describe('shortages', () => {
  const nine = Array.from({ length: 9 }, () => ({}))
  const cases: readonly (readonly [title: string, lack: readonly string[], expected: readonly string[]])[] = [
    ['none for a Pod that asks for nothing on a full node', lacks({}, [{ cpu: '4', memory: '8Gi' }]), []],
    ['none for what just fits', lacks({ cpu: '3' }, [{ cpu: '1' }]), []],
    ['the CPU, in thousandths', lacks({ cpu: '3001m' }, [{ cpu: '1' }]), [message('cpu', '3001', '1000', '4000')]],
    ['what no node has', lacks({ cpu: '1000000000000' }), [message('cpu', '1000000000000000', '0', '4000')]],
    [
      'the memory, in bytes',
      lacks({ memory: '8Gi' }, [{ memory: '1Ki' }]),
      [message('memory', '8589934592', '1024', '8589934592')],
    ],
    [
      'the disk',
      lacks({ 'ephemeral-storage': '11Gi' }),
      [message('ephemeral-storage', '11811160064', '0', '10737418240')],
    ],
    ['none for the last Pod of all', lacks({}, nine), []],
    ['the Pods themselves', lacks({}, [...nine, {}]), [message('pods', '1', '10', '10')]],
    [
      'everything that is short, Pods first',
      lacks({ memory: '9Gi', cpu: '5' }, [...nine, {}]),
      [
        message('pods', '1', '10', '10'),
        message('cpu', '5000', '0', '4000'),
        message('memory', '9663676416', '0', '8589934592'),
      ],
    ],
    [
      'an extended resource',
      lacks({ 'a.b/gpu': '2' }, [{ 'a.b/gpu': '1' }], { 'a.b/gpu': '2' }),
      [message('a.b/gpu', '2', '1', '2')],
    ],
    [
      'an extended resource that is all gone',
      lacks({ 'a.b/gpu': '1' }, [], { 'a.b/gpu': '0' }),
      [message('a.b/gpu', '1', '0', '0')],
    ],
    ['none for an extended resource that the node does not know', lacks({ 'a.b/gpu': '2' }), []],
    ['huge pages, known or not', lacks({ 'hugepages-2Mi': '2Mi' }), [message('hugepages-2Mi', '2097152', '0', '0')]],
    [
      'what is Kubernetes’ own, known or not',
      lacks({ 'x.kubernetes.io/y': '1' }),
      [message('x.kubernetes.io/y', '1', '0', '0')],
    ],
    ['none where too much is used already of what is not asked for', lacks({ memory: '1' }, [{ cpu: '9' }]), []],
  ]
  for (const [title, lack, expected] of cases) {
    it(`are ${title}`, () => assert.deepEqual(lack, expected))
  }

  it('have reasons that name the resource', () => {
    const reasonOf = (resource: string): string =>
      shortageRefusal({ resource, requested: 1n, used: 0n, capacity: 0n }).reason
    assert.deepEqual(['cpu', 'ephemeral-storage', 'pods', 'a.b/gpu'].map(reasonOf), [
      'OutOfcpu',
      'OutOfephemeral-storage',
      'OutOfpods',
      'OutOfa.b/gpu',
    ])
  })
})

describe('asksForUnknown', () => {
  it('is true of extended resources that the node has not', () => {
    const node = aNodeObject({ status: { allocatable: { 'a.b/gpu': '1' } } })
    assert.equal(asksForUnknown(podAsking({ 'a.b/fpga': '1' }), node), true)
    assert.equal(asksForUnknown(podAsking({ 'a.b/gpu': '1', cpu: '1', 'hugepages-2Mi': '2Mi' }), node), false)
    assert.equal(asksForUnknown(aPod(), node), false)
  })
})
