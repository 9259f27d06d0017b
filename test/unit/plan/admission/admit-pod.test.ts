import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import type { AdmissionFacts } from '../../../../src/plan/admission/admission-facts.ts'
import { admitPod } from '../../../../src/plan/admission/admit-pod.ts'
import { holdersOf } from '../../../../src/plan/admission/holders.ts'
import { admissionFacts, aNodeObject, another, podAsking } from '../../../builders/admission.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

const priority = 2_000_000_000

/** Every fault that there is, the first to be told of first. */
const faults: readonly (readonly [reason: string, spec: Partial<PodSpec>])[] = [
  ['SysctlForbidden', { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }],
  ['PodOSNotSupported', { os: { name: 'windows' } }],
  ['SupplementalGroupsPolicyNotSupported', { securityContext: { supplementalGroupsPolicy: 'Strict' } }],
  ['OutOfcpu', { resources: { requests: { cpu: '5' } } }],
  ['OutOfmemory', { resources: { requests: { memory: '9Gi' } } }],
  ['NodeAffinity', { nodeSelector: { disk: 'ssd' } }],
  ['NodeName', { nodeName: 'node-2' }],
  ['NodePorts', { containers: [aContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })] }],
  ['TaintToleration', { tolerations: [] }],
  ['AppArmor', { securityContext: { appArmorProfile: { type: 'RuntimeDefault' } } }],
  ['PodFeatureUnsupported', { hostNetwork: true, hostUsers: false }],
]

/** A node on which each of them is one. */
const strict = admissionFacts({
  node: aNodeObject({ spec: { taints: [{ key: 'x', effect: 'NoExecute' }] } }),
  others: holdersOf([
    another('web', aPod({ spec: { containers: [aContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })] } })),
  ]),
})
const tolerant = { tolerations: [{ operator: 'Exists' }] }

function reasonOf(spec: Partial<PodSpec>, facts: Partial<AdmissionFacts> = {}): string {
  const admission = admitPod(aPod({ spec }), { ...strict, ...facts })
  return admission.kind === 'rejected' ? admission.refusal.reason : admission.kind
}

describe('admitPod', () => {
  it('lets in a Pod that nothing speaks against', () => {
    assert.deepEqual(admitPod(aPod(), admissionFacts()), { kind: 'admitted' })
  })

  for (const [reason, spec] of faults) {
    it(`refuses for ${reason} alone`, () => assert.equal(reasonOf({ ...tolerant, ...spec }), reason))
  }

  it('tells of the first fault of several, in the kubelet’s order', () => {
    const told: string[] = []
    for (let from = 0; from < faults.length; from += 1) {
      const specs = faults.slice(from).map(([, spec]) => spec)
      const securityContext = Object.assign({}, ...specs.map((each) => each.securityContext))
      const resources = { requests: Object.assign({}, ...specs.map((each) => each.resources?.requests)) }
      told.push(reasonOf(Object.assign({ ...tolerant }, ...specs, { securityContext, resources })))
    }
    assert.deepEqual(
      told,
      faults.map(([reason]) => reason),
    )
  })

  it('knows which refusals another version of the Node may change', () => {
    const nodes = faults.filter(([, spec]) => {
      const admission = admitPod(aPod({ spec: { ...tolerant, ...spec } }), strict)
      return admission.kind === 'rejected' && admission.isNodes
    })
    assert.deepEqual(
      nodes.map(([reason]) => reason),
      ['OutOfcpu', 'OutOfmemory', 'NodeAffinity', 'TaintToleration'],
    )
  })

  it('does not ask for room or ports of a Pod that is here, but whether it belongs here', () => {
    const isHere = true
    const ports = [{ containerPort: 80, hostPort: 80 }]
    const spec = { ...tolerant, containers: [aContainer({ ports })], resources: { requests: { cpu: '5' } } }
    assert.equal(reasonOf(spec, { isHere }), 'admitted')
    assert.equal(reasonOf({ ...spec, nodeSelector: { disk: 'ssd' } }, { isHere }), 'NodeAffinity')
  })

  it('makes room for a critical Pod', () => {
    const other = another('other', podAsking({ cpu: '4' }))
    const admission = admitPod(podAsking({ cpu: '4' }, { priority }), admissionFacts({ others: holdersOf([other]) }))
    assert.deepEqual(admission, { kind: 'preempts', victims: [other], lacking: 'cpu' })
  })

  it('makes no room for a critical Pod that may not run anyway', () => {
    const facts = admissionFacts({ others: holdersOf([another('other', podAsking({ cpu: '4' }))]) })
    for (const spec of [{ nodeSelector: { disk: 'ssd' } }, { hostNetwork: true, hostUsers: false }]) {
      assert.equal(admitPod(podAsking({ cpu: '4' }, { priority, ...spec }), facts).kind, 'rejected')
    }
  })

  it('says what a critical Pod could not be given', () => {
    const admission = admitPod(podAsking({ cpu: '5' }, { priority }), admissionFacts())
    assert.deepEqual(admission, {
      kind: 'rejected',
      refusal: {
        reason: 'UnexpectedAdmissionError',
        message:
          'Unexpected error while attempting to recover from admission failure: preemption: error finding a set of pods to preempt: no set of running pods found to reclaim resources: [(res: cpu, q: 1000), ]',
      },
      isNodes: true,
    })
  })
})
