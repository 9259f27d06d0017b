import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { DataObject } from '../../../../src/model/kube.ts'
import {
  objectRefs,
  projectedPayload,
  tokenKey,
  type PayloadFacts,
} from '../../../../src/translate/volumes/projected-payload.ts'
import { projectionSource, type ProjectionSource } from '../../../../src/translate/volumes/projection-source.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import { filesOf } from '../../../support/payloads.ts'

const pod = aPod({ metadata: { labels: { app: 'web' } } })

function anObject(name: string, data: Readonly<Record<string, string>>): DataObject {
  return { metadata: { namespace: 'default', name, uid: name }, data }
}

const facts: PayloadFacts = {
  objects: new Map<string, DataObject | KubeletError>([
    ['ConfigMap default/one', anObject('one', { a: '1', shared: 'of one' })],
    ['ConfigMap default/two', anObject('two', { b: '2', shared: 'of two' })],
    ['Secret default/pass', anObject('pass', { pass: 'czNjcjN0' })],
    ['ConfigMap default/gone', new KubeletError('not-found', 'configmap "gone" not found')],
    ['Secret default/gone', new KubeletError('not-found', 'secret "gone" not found')],
    ['ConfigMap default/slow', new KubeletError('internal', 'failed to sync configmap cache: timed out')],
  ]),
  tokens: new Map([[tokenKey({ audience: '', expirationSeconds: 3600 }), 'header.payload.signature']]),
  pod,
  allocatable: { cpu: '2' },
}

const configMap = (name: string, optional = false) => projectionSource(pod, { configMap: { name, optional } })
const secret = (name: string, optional = false) => projectionSource(pod, { secret: { name, optional } })
const token = projectionSource(pod, { serviceAccountToken: { path: 'token' } })
const labels = projectionSource(pod, {
  downwardAPI: { items: [{ path: 'labels', fieldRef: { fieldPath: 'metadata.labels' } }] },
})

function payload(sources: readonly ProjectionSource[], change: Partial<PayloadFacts> = {}) {
  return filesOf(projectedPayload(sources, 0o644, { ...facts, ...change }))
}

describe('a volume of several sources', () => {
  it('has the files of all of them, and of one path those of the last', () => {
    assert.deepEqual(payload([configMap('one'), configMap('two'), secret('pass'), labels, token]), {
      a: { data: '1', mode: 0o644 },
      shared: { data: 'of two', mode: 0o644 },
      b: { data: '2', mode: 0o644 },
      pass: { data: 's3cr3t', mode: 0o644 },
      labels: { data: 'app="web"', mode: 0o644 },
      token: { data: 'header.payload.signature', mode: 0o644 },
    })
  })

  it('has none of what is not there and need not be', () => {
    assert.deepEqual(payload([configMap('gone', true), secret('gone', true)]), {})
  })

  it('says of all sources what they lack, each thing once', () => {
    assert.throws(() => payload([configMap('gone'), secret('pass'), secret('gone'), configMap('gone')]), {
      code: 'invalid',
      message: '[configmap "gone" not found, secret "gone" not found]',
    })
    assert.throws(() => payload([configMap('gone'), configMap('gone')]), { message: 'configmap "gone" not found' })
  })

  it('does not take for absent what could not be asked for', () => {
    assert.throws(() => payload([configMap('slow', true)]), { message: 'failed to sync configmap cache: timed out' })
  })

  it('says of every file about the Pod what is wrong with it', () => {
    const items = [
      { path: 'a', fieldRef: { fieldPath: 'spec.nodeName' } },
      { path: 'b', resourceFieldRef: { containerName: 'none', resource: 'limits.cpu' } },
    ]
    assert.throws(() => payload([projectionSource(pod, { downwardAPI: { items } }), secret('gone')]), {
      message: '[unsupported fieldPath: spec.nodeName, container none not found, secret "gone" not found]',
    })
  })

  it('names a source that is not served', () => {
    assert.throws(() => payload([projectionSource(pod, { clusterTrustBundle: { path: 'ca.pem' } })]), {
      message: 'minikubelet does not support a projected source of type clusterTrustBundle',
    })
  })

  it('is made of these objects', () => {
    assert.deepEqual(objectRefs([configMap('one'), labels, secret('pass'), token]), [
      { kind: 'ConfigMap', namespace: 'default', name: 'one' },
      { kind: 'Secret', namespace: 'default', name: 'pass' },
    ])
  })
})

describe('the file of a token', () => {
  const nobody = aPod({ spec: { securityContext: { runAsUser: 65534 } } })

  it('is the one user’s alone that all containers run as', () => {
    assert.deepEqual(payload([token], { pod: nobody }), {
      token: { data: 'header.payload.signature', mode: 0o600, user: 65534 },
    })
    const two = [aContainer(), aContainer({ name: 'root', securityContext: { runAsUser: 0 } })]
    const mixed = aPod({ spec: { containers: two, securityContext: { runAsUser: 65534 } } })
    assert.deepEqual(payload([token], { pod: mixed }), { token: { data: 'header.payload.signature', mode: 0o644 } })
  })

  it('is nobody else’s where the Pod has a group for its volumes', () => {
    const grouped = aPod({ spec: { securityContext: { fsGroup: 1001 } } })
    assert.deepEqual(payload([token], { pod: grouped }), { token: { data: 'header.payload.signature', mode: 0o600 } })
  })

  it('is not to be had without the token', () => {
    const fault = new KubeletError('unavailable', 'failed to fetch token: no answer')
    const tokens = new Map([[tokenKey({ audience: '', expirationSeconds: 3600 }), fault]])
    assert.throws(() => payload([token], { tokens }), { message: 'failed to fetch token: no answer' })
  })
})
