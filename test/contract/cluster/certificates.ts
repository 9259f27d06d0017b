/** What a `Cluster` promises about requests for certificates; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { createPrivateKey, X509Certificate } from 'node:crypto'
import { it } from 'node:test'
import { makeRequest } from '../../../src/certificates/requests/make-request.ts'
import { servingSigner, servingTemplate } from '../../../src/certificates/requests/node-request.ts'
import { generateKeys, keyText } from '../../../src/certificates/x509/signing.ts'
import type { SigningRequest, SigningRequestDraft } from '../../../src/model/signing-request.ts'
import type { ClusterHarness } from './harness.ts'
import { rejects } from './tools.ts'

const addresses = [
  { type: 'InternalIP', address: '127.0.0.1' },
  { type: 'Hostname', address: 'node.example' },
]

export function certificates(harness: () => ClusterHarness): void {
  it('keeps a request as it was made, and has nothing to say of it yet', async ({ signal }) => {
    const { draft } = await draftOf(harness(), `${harness().nodeName}-kept`)
    const { cluster, admin } = harness()
    const made = await cluster.signingRequests.create(draft, signal)
    const got = await cluster.signingRequests.get(`${harness().nodeName}-kept`, signal)
    assert.deepEqual(got, made)
    assert.equal(got.request, draft.request)
    assert.equal(got.signerName, servingSigner)
    assert.deepEqual(got.verdict, { kind: 'pending' })
    await rejects('conflict', cluster.signingRequests.create(draft, signal))
    await admin.deleteRequest(got.metadata.name)
    await rejects('not-found', cluster.signingRequests.get(got.metadata.name, signal))
  })

  it('gives a request without a name one of its own', async ({ signal }) => {
    const { cluster, admin } = harness()
    const { draft } = await draftOf(harness(), undefined)
    const { metadata } = await cluster.signingRequests.create(draft, signal)
    assert.match(metadata.name, /^csr-/u)
    await admin.deleteRequest(metadata.name)
  })

  it('tells of the certificate when the request was approved, signed with the names that were asked for', async ({
    signal,
  }) => {
    const { cluster, admin, nodeName } = harness()
    const { draft, keyPem } = await draftOf(harness(), `${nodeName}-approved`)
    const { metadata } = await cluster.signingRequests.create(draft, signal)
    await admin.decideRequest(metadata.name, 'Approved')
    const { verdict } = await untilVerdict(harness(), metadata.name, 'issued', signal)
    assert.ok(verdict.kind === 'issued')
    const certificate = new X509Certificate(verdict.certificatePem)
    assert.equal(certificate.subject, `O=system:nodes\nCN=system:node:${nodeName}`)
    assert.equal(certificate.subjectAltName, 'DNS:node.example, IP Address:127.0.0.1')
    assert.ok(certificate.checkPrivateKey(createPrivateKey(keyPem)))
    await admin.deleteRequest(metadata.name)
  })

  it('tells why a request was denied', async ({ signal }) => {
    const { cluster, admin, nodeName } = harness()
    const { draft } = await draftOf(harness(), `${nodeName}-denied`)
    const { metadata } = await cluster.signingRequests.create(draft, signal)
    await admin.decideRequest(metadata.name, 'Denied')
    const { verdict } = await untilVerdict(harness(), metadata.name, 'denied', signal)
    assert.deepEqual(verdict, { kind: 'denied', reason: 'TestDecides', message: 'as it was told' })
    await admin.deleteRequest(metadata.name)
  })

  it('tells of the end of a request', async ({ signal }) => {
    const { cluster, admin, nodeName } = harness()
    const { draft } = await draftOf(harness(), `${nodeName}-deleted`)
    const { metadata } = await cluster.signingRequests.create(draft, signal)
    const { items, resourceVersion } = await cluster.signingRequests.list(metadata.name, signal)
    assert.deepEqual(
      items.map((item) => item.metadata.uid),
      [metadata.uid],
    )
    await admin.deleteRequest(metadata.name)
    for await (const event of cluster.signingRequests.watch(metadata.name, resourceVersion, signal)) {
      if (event.kind !== 'deleted') continue
      assert.equal(event.object.metadata.uid, metadata.uid)
      return
    }
    assert.fail('the watch ended before the request did')
  })
}

async function draftOf(
  { nodeName }: ClusterHarness,
  name: string | undefined,
): Promise<{ readonly draft: SigningRequestDraft; readonly keyPem: string }> {
  const { privateKey } = generateKeys()
  const template = servingTemplate(nodeName, addresses)
  assert.ok(template !== undefined)
  // The set that servers of every age sign.
  const usages = ['digital signature', 'key encipherment', 'server auth'] as const
  const draft = { name, signerName: servingSigner, usages, request: makeRequest(template, privateKey) }
  return { draft, keyPem: keyText(privateKey) }
}

async function untilVerdict(
  { cluster }: ClusterHarness,
  name: string,
  kind: SigningRequest['verdict']['kind'],
  signal: AbortSignal,
): Promise<SigningRequest> {
  const { items, resourceVersion } = await cluster.signingRequests.list(name, signal)
  const there = items.find(({ verdict }) => verdict.kind === kind)
  if (there !== undefined) return there
  for await (const event of cluster.signingRequests.watch(name, resourceVersion, signal)) {
    if (event.kind === 'set' && event.object.verdict.kind === kind) return event.object
  }
  assert.fail(`the watch ended before the request was ${kind}`)
}
