import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, ContainerStatus, Pod } from '../../src/model/kube.ts'
import { labels } from '../../src/model/labels.ts'
import { labelOf } from '../support/docker-objects.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, shell, staying } from '../support/test-pod.ts'

// The API server of the test bed may drop the rules: here they come from files.
const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

const onExitCode = (code: number) => [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [code] } }]

const volumes = [{ name: 'work', emptyDir: {} }]
const volumeMounts = [{ name: 'work', mountPath: '/shared' }]

/** Ends with 42 when it runs for the first time in its Pod, and does something else afterwards. */
function endsOnce(name: string, afterwards: string, change: Partial<ContainerSpec> = {}): ContainerSpec {
  const script = `test -e /shared/${name} || { touch /shared/${name}; sleep 1; exit 42; }; ${afterwards}`
  return shell(name, script, {
    restartPolicy: 'Never',
    restartPolicyRules: onExitCode(42),
    volumeMounts,
    ...change,
  })
}

const stays = 'exec sleep 86400'

function statuses(pod: Pod | undefined): readonly ContainerStatus[] {
  return [...(pod?.status?.initContainerStatuses ?? []), ...(pod?.status?.containerStatuses ?? [])]
}

const counts = (pod: Pod | undefined): Readonly<Record<string, number>> =>
  Object.fromEntries(statuses(pod).map(({ name, restartCount }) => [name, restartCount]))

/**
 * Runs a Pod until all its containers have been restarted once and it is ready; and until it has but one
 * sandbox and that is the first.
 */
async function restarted(name: string, spec: Parameters<typeof podManifest>[2], containers: readonly ContainerSpec[]) {
  await node.write(`${name}.json`, podManifest(name, containers, { restartPolicy: 'Never', volumes, ...spec }))
  const pod = await node.until(
    name,
    'restarted and ready',
    (seen) =>
      seen !== undefined &&
      isReady(seen) &&
      statuses(seen).some(({ lastState }) => lastState?.terminated !== undefined),
  )
  const sandboxes = (await node.containers()).filter(
    (one) => labelOf(one, labels.podUid) === pod?.metadata.uid && labelOf(one, labels.kind) === 'sandbox',
  )
  assert.deepEqual(
    sandboxes.map((one) => labelOf(one, labels.attempt)),
    ['0'],
  )
  return pod
}

describe('RestartAllContainers', { concurrency: 4 }, () => {
  it('at the end of a regular container', async () => {
    const initContainers = [shell('init', 'exit 0'), staying('side', { restartPolicy: 'Always' })]
    const pod = await restarted('regular', { initContainers }, [endsOnce('source', stays), staying('main')])
    assert.deepEqual(counts(pod), { init: 1, side: 1, source: 1, main: 1 })
    for (const { lastState } of statuses(pod)) {
      const { exitCode, reason } = lastState?.terminated ?? {}
      assert.deepEqual({ exitCode, reason }, { exitCode: 137, reason: 'RestartingAllContainers' })
    }
  })

  it('at the end of a sidecar', async () => {
    const side = endsOnce('side', stays, { restartPolicy: 'Always' })
    const pod = await restarted('sidecar', { initContainers: [shell('init', 'exit 0'), side] }, [staying('main')])
    assert.deepEqual(counts(pod), { init: 1, side: 1, main: 1 })
  })

  it('at the end of an init container', async () => {
    const initContainers = [shell('init', 'exit 0'), endsOnce('source', 'exit 0')]
    const pod = await restarted('initializing', { initContainers }, [staying('main')])
    assert.deepEqual(counts(pod), { init: 1, source: 1, main: 0 })
  })

  it('of two that ask for it, the one that is killed for it does not begin it once more', async () => {
    const other = staying('other', { restartPolicy: 'Never', restartPolicyRules: onExitCode(42) })
    const pod = await restarted('two', {}, [endsOnce('source', stays), other])
    assert.deepEqual(counts(pod), { source: 1, other: 1 })
  })
})
