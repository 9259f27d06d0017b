import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { nodeAffinityRefusal } from '../../../../src/plan/admission/node-affinity.ts'
import { aPod } from '../../../builders/pod.ts'

const node = { metadata: { name: 'node-1', labels: { disk: 'ssd', cores: '8', empty: '', name: 'x' } } }
const refusal = {
  reason: 'NodeAffinity',
  message: "Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
}

type Requirement = { readonly key: string; readonly operator: string; readonly values?: readonly string[] }

function terms(...nodeSelectorTerms: readonly { readonly [part: string]: readonly Requirement[] }[]): Partial<PodSpec> {
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms } } } }
}

function labelled(key: string, operator: string, ...values: readonly string[]): Partial<PodSpec> {
  return terms({ matchExpressions: [{ key, operator, values }] })
}

function named(operator: string, ...values: readonly string[]): Partial<PodSpec> {
  return terms({ matchFields: [{ key: 'metadata.name', operator, values }] })
}

describe('nodeAffinityRefusal', () => {
  const cases: readonly (readonly [title: string, spec: Partial<PodSpec>, fits: boolean])[] = [
    ['a Pod that says nothing', {}, true],
    ['a selector of the labels that are there', { nodeSelector: { disk: 'ssd', empty: '' } }, true],
    ['a selector of another value', { nodeSelector: { disk: 'hdd' } }, false],
    ['a selector of a label that is not there', { nodeSelector: { disk: 'ssd', gpu: '' } }, false],
    ['a selector of what every object has', { nodeSelector: { constructor: 'x' } }, false],
    ['In with the value', labelled('disk', 'In', 'hdd', 'ssd'), true],
    ['In without the value', labelled('disk', 'In', 'hdd'), false],
    ['In of a label that is not there', labelled('gpu', 'In', ''), false],
    ['NotIn without the value', labelled('disk', 'NotIn', 'hdd'), true],
    ['NotIn with the value', labelled('disk', 'NotIn', 'ssd'), false],
    ['NotIn of a label that is not there', labelled('gpu', 'NotIn', 'a'), true],
    ['Exists', labelled('empty', 'Exists'), true],
    ['Exists of a label that is not there', labelled('gpu', 'Exists'), false],
    ['DoesNotExist', labelled('gpu', 'DoesNotExist'), true],
    ['DoesNotExist of a label that is there', labelled('disk', 'DoesNotExist'), false],
    ['Gt below the label', labelled('cores', 'Gt', '7'), true],
    ['Gt at the label', labelled('cores', 'Gt', '8'), false],
    ['Gt by value, not by text', labelled('cores', 'Gt', '10'), false],
    ['Lt above the label', labelled('cores', 'Lt', '10'), true],
    ['Lt at the label', labelled('cores', 'Lt', '8'), false],
    ['Gt of a label that is no number', labelled('disk', 'Gt', '1'), false],
    ['Lt of what is no number', labelled('cores', 'Lt', 'many'), false],
    ['Lt with two values', labelled('cores', 'Lt', '10', '11'), false],
    ['Gt of a label that is not there', labelled('gpu', 'Gt', '0'), false],
    ['an operator that nobody knows', labelled('disk', 'Like', 'ssd'), false],
    ['the name of the node', named('In', 'node-1'), true],
    ['the name of another node', named('In', 'node-2'), false],
    ['not the name of the node', named('NotIn', 'node-1'), false],
    ['not the name of another node', named('NotIn', 'node-2'), true],
    ['two names, of which a field takes one', named('In', 'node-1', 'node-2'), false],
    ['an operator that fields do not know', named('Exists'), false],
    ['no terms', terms(), false],
    ['an empty term', terms({}), false],
    [
      'one of two terms',
      terms(
        { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] },
        { matchExpressions: [{ key: 'disk', operator: 'Exists' }] },
      ),
      true,
    ],
    [
      'half of a term',
      terms({
        matchExpressions: [
          { key: 'disk', operator: 'Exists' },
          { key: 'gpu', operator: 'Exists' },
        ],
      }),
      false,
    ],
    [
      'the labels of a term and not its fields',
      terms({
        matchExpressions: [{ key: 'disk', operator: 'Exists' }],
        matchFields: [{ key: 'metadata.name', operator: 'In', values: ['node-2'] }],
      }),
      false,
    ],
    [
      'a selector that fits beside terms that don’t',
      { nodeSelector: { disk: 'ssd' }, ...labelled('gpu', 'Exists') },
      false,
    ],
    [
      'terms that fit beside a selector that doesn’t',
      { nodeSelector: { disk: 'x' }, ...labelled('disk', 'Exists') },
      false,
    ],
    [
      'what is only preferred',
      {
        affinity: {
          nodeAffinity: {
            preferredDuringSchedulingIgnoredDuringExecution: [
              { weight: 1, preference: { matchExpressions: [{ key: 'gpu', operator: 'Exists' }] } },
            ],
          },
        },
      },
      true,
    ],
  ]
  for (const [title, spec, fits] of cases) {
    it(`${fits ? 'lets in' : 'refuses'} ${title}`, () => {
      assert.deepEqual(nodeAffinityRefusal(aPod({ spec }), node), fits ? undefined : refusal)
    })
  }
})
