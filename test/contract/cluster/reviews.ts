/** What a `Cluster` promises about those who call its node; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { AccessQuestion, Caller } from '../../../src/model/access.ts'
import type { TokenRequestSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { ClusterHarness } from './harness.ts'
import { onceAllowed } from './tools.ts'

export function reviews(harness: () => ClusterHarness): void {
  it('knows whose a token is, and the groups of its ServiceAccount', async ({ signal }) => {
    const { cluster, namespace } = harness()
    const verdict = await cluster.reviewToken(await tokenOf(harness(), 'known', {}, signal), signal)
    assert.ok(verdict.kind === 'known', JSON.stringify(verdict))
    assert.equal(verdict.caller.name, `system:serviceaccount:${namespace}:default`)
    assert.notEqual(verdict.caller.uid, '')
    const groups = ['system:serviceaccounts', `system:serviceaccounts:${namespace}`, 'system:authenticated']
    assert.deepEqual(verdict.caller.groups.toSorted(), groups.toSorted())
  })

  it('knows nobody by a token that it did not issue, or issued for others', async ({ signal }) => {
    const { cluster } = harness()
    const forged = ['e30.e30.c2lnbmF0dXJl', 'nonsense', 'ü\u0000']
    const vaults = await tokenOf(harness(), 'for-the-vault', { audiences: ['vault'] }, signal)
    for (const token of [...forged, vaults]) {
      assert.equal((await cluster.reviewToken(token, signal)).kind, 'unknown', token)
    }
  })

  it("allows the cluster's masters everything, and anybody else nothing that was not granted", async ({ signal }) => {
    const ask = async (caller: Caller, question: Partial<AccessQuestion> = {}): Promise<string> => {
      const { cluster, nodeName } = harness()
      const whole = { caller, verb: 'get', nodeName, subresource: 'proxy', ...question }
      return (await cluster.reviewAccess(whole, signal)).kind
    }
    const extra = { 'example.org/key': ['of', 'several'] }
    assert.equal(await ask({ name: 'anna', uid: '7', groups: ['system:masters'], extra }), 'allowed')
    assert.equal(await ask({ name: 'anna', uid: '', groups: ['system:authenticated'], extra: {} }), 'no-opinion')
    const verbless = { verb: '', subresource: 'metrics' }
    assert.equal(await ask({ name: 'anna', uid: '', groups: [], extra: {} }, verbless), 'no-opinion')
  })
}

async function tokenOf(
  { cluster, admin, namespace, nodeName }: ClusterHarness,
  name: string,
  spec: TokenRequestSpec,
  signal: AbortSignal,
): Promise<string> {
  // New servers give a node only the audiences that the Pod's volumes name.
  const sources = [
    { serviceAccountToken: { path: 'token' } },
    { serviceAccountToken: { path: 'v', audience: 'vault' } },
  ]
  const volumes = [{ name: 'tokens', projected: { sources } }]
  const pod = await admin.createPod({ name, namespace, nodeName, spec: { containers: [aContainer()], volumes } })
  const boundObjectRef = { apiVersion: 'v1', kind: 'Pod', name, uid: pod.metadata.uid }
  const request = { namespace, serviceAccount: 'default', spec: { ...spec, boundObjectRef } }
  const issued = await onceAllowed(() => cluster.createToken(request, signal), signal, ['forbidden', 'not-found'])
  return issued.token
}
