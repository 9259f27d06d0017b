/** What a `Cluster` promises about secrets; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { KubeletError } from '../../../src/model/errors.ts'
import type { Secret } from '../../../src/model/kube.ts'
import type { ClusterHarness } from './harness.ts'
import { rejects } from './tools.ts'

const type = 'kubernetes.io/dockercfg'
const data = { '.dockercfg': 'e30=' }

export function secrets(harness: () => ClusterHarness): void {
  it("gets a secret that one of the node's Pods names for pulling", async ({ signal }) => {
    const { namespace, admin } = harness()
    await admin.createSecret({ name: 'named', namespace, type, data })
    await createPod(harness(), 'puller', 'named')
    const secret = await onceAllowed(harness(), 'named', signal)
    assert.deepEqual(
      { name: secret.metadata?.name, type: secret.type, data: secret.data },
      { name: 'named', type, data },
    )
  })

  it('does not find one that is named and not there', async ({ signal }) => {
    await createPod(harness(), 'hopeful', 'missing')
    await rejects('not-found', onceAllowed(harness(), 'missing', signal))
  })

  it('may not see any other', async ({ signal }) => {
    const { cluster, namespace, admin } = harness()
    await admin.createSecret({ name: 'unnamed', namespace, type, data })
    await rejects('forbidden', cluster.getSecret(namespace, 'unnamed', signal))
  })
}

async function createPod({ namespace, nodeName, admin }: ClusterHarness, name: string, secret: string): Promise<void> {
  await admin.createPod({ name, namespace, nodeName, spec: { imagePullSecrets: [{ name: secret }] } })
}

/** The server's authorizer learns of a Pod a moment after it was bound. Tries for 10 s at most. */
async function onceAllowed({ cluster, namespace }: ClusterHarness, name: string, signal: AbortSignal): Promise<Secret> {
  const deadline = AbortSignal.any([signal, AbortSignal.timeout(10_000)])
  for (;;) {
    try {
      return await cluster.getSecret(namespace, name, signal)
    } catch (error) {
      if (!KubeletError.is(error, 'forbidden')) throw error
      await delay(20, undefined, { signal: deadline })
    }
  }
}
