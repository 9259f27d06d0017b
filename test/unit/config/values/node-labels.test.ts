import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { nodeLabels } from '../../../../src/config/values/node-labels.ts'

function faultOf(text: string): string {
  const result = nodeLabels.fromFlag([text])
  return result.kind === 'fault' ? result.expected : 'none'
}

describe('node labels', () => {
  it('may be in Kubernetes’ own namespaces where NodeRestriction lets a kubelet set them', () => {
    const value = { 'node.kubernetes.io/x': '1', 'a.kubelet.kubernetes.io/y': '2', 'topology.kubernetes.io/zone': 'z' }
    const text = Object.entries(value).map(([key, each]) => `${key}=${each}`)
    assert.deepEqual(nodeLabels.fromFlag(text), { kind: 'value', value })
  })

  for (const key of ['kubernetes.io/x', 'node-role.kubernetes.io/worker', 'example.k8s.io/x']) {
    it(`may not be "${key}"`, () => {
      assert.match(faultOf(`${key}=`), /a node may not give itself this name of Kubernetes' own/u)
    })
  }

  const faults: Readonly<Record<string, RegExp>> = {
    'a=b,c': /and "c" has no "="$/u,
    '=b': /"=b" is none: name part must be non-empty$/u,
    'a/b/c=d': /a qualified name must be a name with an optional DNS subdomain prefix and '\/'$/u,
    'A_.b/c=d': /prefix part a lowercase RFC 1123 subdomain/u,
    'a=-b': /a valid label must be an empty string or must consist/u,
    [`a=${'b'.repeat(64)}`]: /must be no more than 63 bytes$/u,
  }
  for (const [text, fault] of Object.entries(faults)) {
    it(`are refused: ${text.slice(0, 20)}`, () => {
      assert.match(faultOf(text), fault)
    })
  }
})
