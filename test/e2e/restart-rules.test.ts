import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../src/model/kube.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { findStatus, hasPhase, podManifest, shell } from '../support/test-pod.ts'

// The API server of the test bed may drop policies and rules of containers: here they come from files.
const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

const restartsAfter = (...values: readonly number[]): Partial<ContainerSpec> => ({
  restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values } }],
})

/** Runs a container that ends with 42, and says how often it had been restarted when `test` held. */
async function restarts(
  name: string,
  podPolicy: PodSpec['restartPolicy'],
  container: Partial<ContainerSpec>,
  until: 'restarted' | 'Failed',
): Promise<number | undefined> {
  const manifest = podManifest(
    name,
    [shell('main', 'exit 42', container)],
    podPolicy ? { restartPolicy: podPolicy } : {},
  )
  await node.write(`${name}.json`, manifest)
  const pod = await node.until(name, until, (seen) => {
    if (seen === undefined) return false
    return until === 'restarted' ? (findStatus(seen, 'main')?.restartCount ?? 0) > 1 : hasPhase(until)(seen)
  })
  return pod && findStatus(pod, 'main')?.restartCount
}

describe('The restart policy of a container', { concurrency: 8 }, () => {
  it('has it restarted when a rule of its own says so', async () => {
    await restarts('rule', 'Never', { restartPolicy: 'Never', ...restartsAfter(42) }, 'restarted')
  })

  it('counts when no rule fits', async () => {
    assert.equal(await restarts('misfit', 'Always', { restartPolicy: 'Never', ...restartsAfter(3) }, 'Failed'), 0)
  })

  it("goes before the Pod's", async () => {
    assert.equal(await restarts('never', 'Always', { restartPolicy: 'Never' }, 'Failed'), 0)
    await restarts('always', 'Never', { restartPolicy: 'Always' }, 'restarted')
  })

  it("is the Pod's where it has none", async () => {
    await restarts('none', 'Always', {}, 'restarted')
    assert.equal(await restarts('none-never', 'Never', {}, 'Failed'), 0)
  })

  it('of an init container lets that be tried again in a Pod that is never restarted', async () => {
    const volumes = [{ name: 'work', emptyDir: {} }]
    const volumeMounts = [{ name: 'work', mountPath: '/shared' }]
    const script = 'test -e /shared/tried || { touch /shared/tried; exit 42; }'
    const initContainers = [shell('init', script, { restartPolicy: 'Never', ...restartsAfter(42), volumeMounts })]
    const manifest = podManifest('init', [shell('main', 'exit 0')], { restartPolicy: 'Never', initContainers, volumes })
    await node.write('init.json', manifest)
    const pod = await node.until('init', 'over', (seen) => seen !== undefined && hasPhase('Succeeded')(seen))
    assert.equal(pod?.status?.initContainerStatuses?.[0]?.restartCount, 1)
  })
})
