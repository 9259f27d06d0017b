import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { taintRefusal } from '../../../../src/plan/admission/taints.ts'
import { aNodeObject } from '../../../builders/admission.ts'
import { aPod } from '../../../builders/pod.ts'

type Tolerations = NonNullable<PodSpec['tolerations']>

const refusal = {
  reason: 'TaintToleration',
  message: "Predicate TaintToleration failed: node(s) had taints that the pod didn't tolerate",
}
const gpu = { key: 'gpu', value: 'yes', effect: 'NoExecute' }
const tainted = aNodeObject({ spec: { taints: [{ key: 'x', effect: 'NoSchedule' }, gpu] } })

describe('taintRefusal', () => {
  const cases: readonly (readonly [title: string, tolerations: Tolerations, fits: boolean])[] = [
    ['nothing', [], false],
    ['everything', [{ operator: 'Exists' }], true],
    ['everything of that effect', [{ operator: 'Exists', effect: 'NoExecute' }], true],
    ['everything of another effect', [{ operator: 'Exists', effect: 'NoSchedule' }], false],
    ['the key', [{ key: 'gpu', operator: 'Exists' }], true],
    ['another key', [{ key: 'cpu', operator: 'Exists' }], false],
    ['key and value', [{ key: 'gpu', operator: 'Equal', value: 'yes' }], true],
    [
      'key and value, by the operator that goes without saying',
      [{ key: 'gpu', value: 'yes', effect: 'NoExecute' }],
      true,
    ],
    ['another value', [{ key: 'gpu', value: 'no' }], false],
    ['an operator that is not there', [{ key: 'gpu', operator: 'Gt', value: '1' }], false],
    ['the taint for a while', [{ key: 'gpu', operator: 'Exists', tolerationSeconds: 1 }], true],
  ]
  for (const [title, tolerations, fits] of cases) {
    it(`${fits ? 'lets in' : 'refuses'} a Pod that tolerates ${title}`, () => {
      assert.deepEqual(taintRefusal(aPod({ spec: { tolerations } }), tainted), fits ? undefined : refusal)
    })
  }

  it('takes a taint without a value', () => {
    const node = aNodeObject({ spec: { taints: [{ key: 'gpu', effect: 'NoExecute' }] } })
    assert.equal(taintRefusal(aPod({ spec: { tolerations: [{ key: 'gpu' }] } }), node), undefined)
  })

  it('asks for every taint, but only for those that drive Pods away', () => {
    const two = aNodeObject({ spec: { taints: [gpu, { key: 'other', effect: 'NoExecute' }] } })
    assert.deepEqual(taintRefusal(aPod({ spec: { tolerations: [{ key: 'gpu', operator: 'Exists' }] } }), two), refusal)
    const mild = aNodeObject({ spec: { taints: [{ key: 'x', effect: 'NoSchedule' }] } })
    assert.equal(taintRefusal(aPod(), mild), undefined)
  })

  it('lets static Pods be', () => {
    const metadata = { annotations: { [configSourceAnnotation]: 'file' } }
    assert.equal(taintRefusal(aPod({ metadata }), tainted), undefined)
  })
})
