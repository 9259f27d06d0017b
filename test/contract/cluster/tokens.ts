/** What a `Cluster` promises about tokens of ServiceAccounts; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { IssuedToken, Pod, TokenRequestSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { ClusterHarness } from './harness.ts'
import { onceAllowed, rejects } from './tools.ts'

export function tokens(harness: () => ClusterHarness): void {
  it("gives a token of a Pod's ServiceAccount that is bound to the Pod and good for as long as was asked", async ({
    signal,
  }) => {
    const pod = await createPod(harness(), 'caller')
    const before = Math.floor(Date.now() / 1000)
    const { token, lifetimeSeconds } = await granted(harness(), boundTo(pod), signal)
    const { namespace } = harness()
    const claims = claimsOf(token)
    assert.equal(claims.sub, `system:serviceaccount:${namespace}:default`)
    assert.partialDeepStrictEqual(claims['kubernetes.io'], {
      namespace,
      pod: { name: 'caller', uid: pod.metadata.uid },
    })
    assert.equal(lifetimeSeconds, 1200)
    // The server keeps whole seconds, and the clock goes on while it answers.
    assert.ok(Math.abs(claims.exp - before - 1200) < 10, String(claims.exp))
  })

  it('gives one for another audience, and one of the usual hour for the API server where nothing is said', async ({
    signal,
  }) => {
    const pod = await createPod(harness(), 'of-two-audiences')
    const { expirationSeconds: _, ...nothingSaid } = boundTo(pod)
    const vault = await granted(harness(), { ...boundTo(pod), audiences: ['vault'] }, signal)
    assert.deepEqual(claimsOf(vault.token).aud, ['vault'])
    const usual = await granted(harness(), nothingSaid, signal)
    assert.deepEqual(claimsOf(usual.token).aud, ['https://kubernetes.default.svc'])
    assert.equal(usual.lifetimeSeconds, 3600)
  })

  it('refuses one that is bound to nothing, to a Pod of another node, to one that was replaced or is gone', async ({
    signal,
  }) => {
    const { nodeName } = harness()
    const pod = await createPod(harness(), 'bound')
    const there = await createPod(harness(), 'elsewhere', `${nodeName}-other`)
    await granted(harness(), boundTo(pod), signal)
    await rejects('forbidden', ask(harness(), {}, signal))
    await rejects('forbidden', ask(harness(), boundTo(there), signal))
    const replaced = { ...pod, metadata: { ...pod.metadata, uid: '00000000-0000-4000-8000-000000000000' } }
    await rejects('forbidden', ask(harness(), boundTo(replaced), signal))
    const gone = { ...pod, metadata: { ...pod.metadata, name: 'gone' } }
    await rejects('not-found', ask(harness(), boundTo(gone), signal))
  })

  it('refuses one for less than ten minutes', async ({ signal }) => {
    const pod = await createPod(harness(), 'hasty')
    await granted(harness(), boundTo(pod), signal)
    await rejects('invalid', ask(harness(), { ...boundTo(pod), expirationSeconds: 599 }, signal))
  })
}

function ask(
  { cluster, namespace }: ClusterHarness,
  spec: TokenRequestSpec,
  signal: AbortSignal,
): Promise<IssuedToken> {
  return cluster.createToken({ namespace, serviceAccount: 'default', spec }, signal)
}

function boundTo({ metadata: { name, uid } }: Pod): TokenRequestSpec {
  return { expirationSeconds: 1200, boundObjectRef: { apiVersion: 'v1', kind: 'Pod', name, uid } }
}

/** New servers give a node only the audiences that the Pod's volumes name. */
function createPod(
  { admin, namespace, nodeName }: ClusterHarness,
  name: string,
  onNode: string = nodeName,
): Promise<Pod> {
  const sources = [undefined, 'vault'].map((audience) => ({
    serviceAccountToken: { path: audience ?? 'token', ...(audience !== undefined && { audience }) },
  }))
  const spec = { containers: [aContainer()], volumes: [{ name: 'tokens', projected: { sources } }] }
  return admin.createPod({ name, namespace, nodeName: onNode, spec })
}

/** A token for a Pod that may have been bound just now. */
async function granted(harness: ClusterHarness, spec: TokenRequestSpec, signal: AbortSignal): Promise<IssuedToken> {
  return onceAllowed(() => ask(harness, spec, signal), signal, ['forbidden', 'not-found'])
}

interface Claims {
  readonly sub: string
  readonly aud: readonly string[]
  readonly exp: number
  readonly 'kubernetes.io': object
}

/** What a token says, whoever has signed it. */
function claimsOf(token: string): Claims {
  const [, payload = ''] = token.split('.')
  const claims: Claims = JSON.parse(Buffer.from(payload, 'base64url').toString())
  return claims
}
