import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  credentialHash,
  decodeIntent,
  decodeRecord,
  encodeIntent,
  encodeRecord,
  recordFile,
  type PulledRecord,
} from '../../../../src/credentials/records/pulled-record.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

/** As a kubelet 1.36 writes them. */
const kubelets = {
  intent: '{"kind":"ImagePullIntent","apiVersion":"kubelet.config.k8s.io/v1beta1","image":"registry.test/app:1"}',
  open: '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1beta1","lastUpdatedTime":"2026-11-21T10:00:00Z","imageRef":"sha256:aa","credentialMapping":{"registry.test/app":{"nodePodsAccessible":true}}}',
  secret:
    '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1beta1","lastUpdatedTime":"2026-11-21T10:00:00Z","imageRef":"sha256:aa","credentialMapping":{"registry.test/app":{"kubernetesSecrets":[{"uid":"u","namespace":"default","name":"pull","credentialHash":"h"}]}}}',
  account:
    '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1alpha1","lastUpdatedTime":"2026-11-21T10:00:00Z","imageRef":"sha256:aa","credentialMapping":{"registry.test/app":{"kubernetesServiceAccounts":[{"uid":"u","namespace":"default","name":"builder"}]}}}',
  empty:
    '{"kind":"ImagePulledRecord","apiVersion":"kubelet.config.k8s.io/v1beta1","lastUpdatedTime":"2026-11-21T10:00:00Z","imageRef":"sha256:aa"}',
}

const secret = { uid: 'u', namespace: 'default', name: 'pull', credentialHash: 'h' }

function recordOf(mapping: PulledRecord['credentialMapping']): PulledRecord {
  return { lastUpdatedTime: '2026-11-21T10:00:00Z', imageRef: 'sha256:aa', credentialMapping: mapping }
}

describe('the record of an image', () => {
  const none = { nodePodsAccessible: false, kubernetesSecrets: [], kubernetesServiceAccounts: [] }
  const cases: readonly (readonly [keyof typeof kubelets, PulledRecord])[] = [
    ['open', recordOf(new Map([['registry.test/app', { ...none, nodePodsAccessible: true }]]))],
    ['secret', recordOf(new Map([['registry.test/app', { ...none, kubernetesSecrets: [secret] }]]))],
    ['empty', recordOf(new Map())],
  ]
  for (const [name, record] of cases) {
    it(`is read and written as the kubelet's: ${name}`, () => {
      assert.deepEqual(decodeRecord(kubelets[name]), record)
      assert.equal(encodeRecord(record), kubelets[name])
    })
  }

  it('is read in the older version too, and keeps what only the kubelet makes', () => {
    const accounts = [{ uid: 'u', namespace: 'default', name: 'builder' }]
    const record = recordOf(new Map([['registry.test/app', { ...none, kubernetesServiceAccounts: accounts }]]))
    assert.deepEqual(decodeRecord(kubelets.account), record)
    assert.equal(encodeRecord(record), kubelets.account.replace('v1alpha1', 'v1beta1'))
  })

  for (const text of [
    '',
    '{',
    '7',
    kubelets.intent,
    kubelets.open.replace('v1beta1', 'v9'),
    kubelets.open.replace('"sha256:aa"', '7'),
    kubelets.open.replace('{"nodePodsAccessible":true}', '7'),
    kubelets.secret.replace('[{', '{"0":{').replace('}]', '}}'),
    kubelets.secret.replace('"h"', '7'),
  ]) {
    it(`is not read where it is none: ${text.slice(0, 30)}…`, () => {
      assert.throws(
        () => decodeRecord(text),
        (error) => KubeletError.is(error, 'invalid'),
      )
    })
  }
})

it("the note of a pull is the kubelet's", () => {
  assert.equal(decodeIntent(kubelets.intent), 'registry.test/app:1')
  assert.equal(encodeIntent('registry.test/app:1'), kubelets.intent)
  assert.throws(
    () => decodeIntent(kubelets.open),
    (error) => KubeletError.is(error, 'invalid'),
  )
})

it("files have the kubelet's names", () => {
  assert.equal(
    recordFile('docker.io/testing/test:latest'),
    'sha256-aef2af226629a35d5f3ef0fdbb29fdbebf038d0acd8850590e8c48e1e283aa56',
  )
})

it('a name and a password have a hash of their own', () => {
  const hash = credentialHash({ username: 'user', password: 'secret' })
  assert.match(hash, /^[0-9a-f]{64}$/u)
  assert.notEqual(hash, credentialHash({ username: 'user', password: 'other' }))
  assert.notEqual(hash, credentialHash({ username: 'other', password: 'secret' }))
})
