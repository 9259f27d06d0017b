import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { fieldValue, namesPodIp } from '../../../../src/translate/downward/field-value.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'

const pod = aPod({
  metadata: {
    labels: { app: 'web', 'example.org/tier': 'front' },
    annotations: { note: 'a "b"\nc', 'Example.org/Odd': 'é\u0001' },
  },
  spec: { serviceAccountName: 'default' },
})
const facts = { hostIps: ['192.0.2.10', 'fd00::1'], podIps: ['10.1.0.7', 'fd00::7'] }

const values: readonly (readonly [path: string, value: string])[] = [
  ['metadata.name', 'web'],
  ['metadata.namespace', 'default'],
  ['metadata.uid', aPodUid],
  ["metadata.labels['app']", 'web'],
  ["metadata.labels['example.org/tier']", 'front'],
  ["metadata.labels['none']", ''],
  ["metadata.annotations['note']", 'a "b"\nc'],
  ["metadata.annotations['Example.org/Odd']", 'é\u0001'],
  ['metadata.labels', 'app="web"\nexample.org/tier="front"'],
  ['metadata.annotations', 'Example.org/Odd="é\\x01"\nnote="a \\"b\\"\\nc"'],
  ['spec.nodeName', 'node-1'],
  ['spec.host', 'node-1'],
  ['spec.serviceAccountName', 'default'],
  ['status.hostIP', '192.0.2.10'],
  ['status.hostIPs', '192.0.2.10,fd00::1'],
  ['status.podIP', '10.1.0.7'],
  ['status.podIPs', '10.1.0.7,fd00::7'],
]

const faults: readonly (readonly [path: string, message: string])[] = [
  ['status.phase', 'unsupported fieldPath: status.phase'],
  ['spec.containers', 'field label not supported: spec.containers'],
  ["spec.nodeName['a']", "field label does not support subscript: spec.nodeName['a']"],
  ["metadata.labels['']", "invalid key subscript in metadata.labels['']: name part must be non-empty"],
]

describe('a field of the Pod', () => {
  for (const [fieldPath, value] of values) {
    it(`${fieldPath} is ${JSON.stringify(value)}`, () => assert.equal(fieldValue({ fieldPath }, pod, facts), value))
  }

  for (const [fieldPath, message] of faults) {
    it(`${fieldPath} is none`, () => assert.throws(() => fieldValue({ fieldPath }, pod, facts), { message }))
  }

  it('is one of v1', () => {
    const ref = { apiVersion: 'v2', fieldPath: 'metadata.name' }
    assert.throws(() => fieldValue(ref, pod, facts), { message: 'unsupported pod version: v2' })
  })

  it('is empty where there is no address yet', () => {
    for (const fieldPath of ['status.podIP', 'status.podIPs', 'status.hostIP']) {
      assert.equal(fieldValue({ fieldPath }, pod, { hostIps: [], podIps: [] }), '')
    }
  })
})

it('a container names the Pod’s address when a variable takes its value from it, and then only', () => {
  const naming = (fieldPath: string, value?: string) => {
    const variable = { name: 'A', valueFrom: { fieldRef: { fieldPath } } }
    return namesPodIp(aContainer({ env: [value === undefined ? variable : { ...variable, value }] }))
  }
  assert.deepEqual([naming('status.podIP'), naming('status.podIPs')], [true, true])
  assert.deepEqual([naming('status.hostIP'), naming('status.podIP', 'own')], [false, false])
  assert.equal(namesPodIp(aContainer()), false)
})
