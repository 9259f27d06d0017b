import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PressureCondition } from '../../../../src/model/eviction-threshold.ts'
import type { Pod } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { admitPod } from '../../../../src/plan/admission/admit-pod.ts'
import { pressureRefusal } from '../../../../src/plan/admission/pressure.ts'
import { holdersOf } from '../../../../src/plan/admission/holders.ts'
import { admissionFacts, another, podAsking } from '../../../builders/admission.ts'
import { aPod } from '../../../builders/pod.ts'

const toleration = { key: 'node.kubernetes.io/memory-pressure', operator: 'Exists', effect: 'NoSchedule' }
const pods: Readonly<Record<string, Pod>> = {
  'that asks for nothing': aPod(),
  'that asks for memory': podAsking({ memory: '1Mi' }),
  'that asks for nothing and tolerates little memory': aPod({ spec: { tolerations: [toleration] } }),
  'that asks for nothing and tolerates a full disk': aPod({
    spec: { tolerations: [{ ...toleration, key: 'node.kubernetes.io/disk-pressure' }] },
  }),
  'that the cluster cannot do without': aPod({ spec: { priority: 2_000_000_000 } }),
  'from a manifest': aPod({ metadata: { annotations: { [configSourceAnnotation]: 'file' } } }),
}
const asking = 'that asks for memory'
const tolerant = 'that asks for nothing and tolerates little memory'
const critical = ['that the cluster cannot do without', 'from a manifest']

describe('a node that is short', () => {
  const cases: readonly (readonly [pressures: readonly PressureCondition[], letIn: readonly string[]])[] = [
    [[], Object.keys(pods)],
    [['MemoryPressure'], [asking, tolerant, ...critical]],
    [['DiskPressure'], critical],
    [['PIDPressure'], critical],
    [['MemoryPressure', 'DiskPressure'], critical],
  ]
  for (const [pressures, letIn] of cases) {
    const what = `[${pressures.join(' ')}]`
    for (const [title, pod] of Object.entries(pods)) {
      const isLetIn = letIn.includes(title)
      it(`of ${what} ${isLetIn ? 'lets in' : 'refuses'} a Pod ${title}`, () => {
        const refusal = { reason: 'Evicted', message: `The node had condition: ${what}. ` }
        assert.deepEqual(pressureRefusal(pod, { pressures, isHere: false }), isLetIn ? undefined : refusal)
      })
    }
  }

  it('lets a Pod be that is here already: an agent before this one has let it in', () => {
    assert.equal(pressureRefusal(aPod(), { pressures: ['DiskPressure'], isHere: true }), undefined)
  })

  it('refuses before anything else is asked, whatever another version of the Node would say', () => {
    const facts = admissionFacts({ pressures: ['DiskPressure'] })
    assert.deepEqual(admitPod(podAsking({ cpu: '100' }), facts), {
      kind: 'rejected',
      refusal: { reason: 'Evicted', message: 'The node had condition: [DiskPressure]. ' },
      isNodes: false,
    })
  })
})

describe('a machine that shuts down', () => {
  const refusal = { reason: 'NodeShutdown', message: 'Pod was rejected as the node is shutting down.' }

  for (const [title, pod] of Object.entries(pods)) {
    it(`lets in no Pod ${title}`, () => {
      const verdict = admitPod(pod, { ...admissionFacts(), isShuttingDown: true })
      assert.deepEqual(verdict, { kind: 'rejected', refusal, isNodes: false })
    })
  }

  it('lets nobody end so that a critical Pod has room', () => {
    const others = holdersOf([another('held', podAsking({ cpu: '4' }))])
    const pod = podAsking({ cpu: '4' }, { priority: 2_000_000_000 })
    assert.equal(admitPod(pod, { ...admissionFacts({ others }), isShuttingDown: true }).kind, 'rejected')
  })
})
