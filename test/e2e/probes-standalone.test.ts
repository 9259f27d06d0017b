import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod, PodSpec } from '../../src/model/kube.ts'
import { grpcServer } from '../support/grpc-server.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, shell, staying, statusOf, untilTold } from '../support/test-pod.ts'

const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

/** What older API servers drop, manifests keep: gRPC probes and sidecars. */
async function write(name: string, containers: readonly ContainerSpec[], change: Partial<PodSpec> = {}): Promise<void> {
  const manifest = podManifest(name, containers, change)
  const { automountServiceAccountToken: _, ...spec } = manifest.spec
  await node.write(`${name}.json`, { ...manifest, spec })
}

async function until(name: string, what: string, test: (pod: Pod) => boolean): Promise<Pod> {
  const pod = await node.until(name, what, (seen) => seen !== undefined && test(seen))
  assert.ok(pod)
  return pod
}

describe('A probe over gRPC', () => {
  it('asks a Pod in the network of the node at the address of the node, and follows what it says', async () => {
    let status = 2
    await using server = await grpcServer(() => ({ kind: 'status', status }))
    const readinessProbe = { grpc: { port: server.port }, periodSeconds: 1, failureThreshold: 1 }
    await write('grpc', [staying('main', { readinessProbe })], { hostNetwork: true })
    await until('grpc', 'running and not ready', (pod) => pod.status?.phase === 'Running' && !isReady(pod))
    status = 1
    await until('grpc', 'ready', isReady)
    status = 2
    await until('grpc', 'not ready again', (pod) => !isReady(pod))
    await node.remove('grpc.json')
  })
})

describe('A sidecar with a startup probe', () => {
  it('lets the others start when that has succeeded', async () => {
    const proxy = shell('proxy', `sleep 3; touch /tmp/up; ${untilTold}`, {
      restartPolicy: 'Always',
      startupProbe: {
        exec: { command: ['cat', '/tmp/up'] },
        periodSeconds: 1,
        failureThreshold: 30,
        timeoutSeconds: 10,
      },
    })
    await write('startup-gate', [staying('main')], { initContainers: [proxy] })
    const gated = await until(
      'startup-gate',
      'waiting for its sidecar',
      ({ status }) => status?.initContainerStatuses?.[0]?.state?.running !== undefined,
    )
    assert.equal(gated.status?.phase, 'Pending')
    assert.equal(gated.status.initContainerStatuses?.[0]?.started, false)
    const pod = await until('startup-gate', 'ready', isReady)
    const started = Date.parse(statusOf(pod, 'main').state?.running?.startedAt ?? '')
    const before = Date.parse(pod.status?.initContainerStatuses?.[0]?.state?.running?.startedAt ?? '')
    assert.ok(started - before >= 2000, `${started - before} ms after the sidecar`)
  })
})

describe('A startup probe with a grace of its own', () => {
  it('does not wait for that of the Pod', async () => {
    const stubborn = shell('stubborn', "trap '' TERM; while :; do sleep 1; done", {
      startupProbe: {
        exec: { command: ['cat', '/tmp/never'] },
        periodSeconds: 1,
        failureThreshold: 1,
        timeoutSeconds: 10,
        terminationGracePeriodSeconds: 2,
      },
    })
    await write('own-grace', [stubborn], { terminationGracePeriodSeconds: 500 })
    const isRestarted = (pod: Pod): boolean => (pod.status?.containerStatuses?.[0]?.restartCount ?? 0) > 0
    const pod = await until('own-grace', 'restarted', isRestarted)
    assert.equal(statusOf(pod, 'stubborn').lastState?.terminated?.exitCode, 137)
  })
})
