import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { KubeNode, Pod } from '../../src/model/kube.ts'
import { LoginBus } from '../support/login-bus.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, statusOf, type PodManifest } from '../support/test-pod.ts'

const opened = new Opened()
const bus = await opened.open(LoginBus.start())
process.env['DBUS_SYSTEM_BUS_ADDRESS'] = bus.address
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-shutdown-'))
opened.defer(() => rm(folder, { recursive: true, force: true }))
const file = join(folder, 'config.json')
await writeFile(
  file,
  JSON.stringify({
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    kind: 'KubeletConfiguration',
    // No longer than logind lets a shutdown wait without being told to.
    shutdownGracePeriod: '5s',
    shutdownGracePeriodCriticalPods: '3s',
  }),
)
const node = await opened.open(TestNode.start('--config', file))

const text = 'Pod was terminated in response to imminent node shutdown.'

/** A Pod that takes so many seconds to end once it is told to. */
function takes(name: string, seconds: number, priorityClassName?: string): PodManifest {
  const script = `trap 'sleep ${seconds}; exit 1' TERM; while :; do sleep 0.1; done`
  return podManifest(name, [shell('main', script)], {
    terminationGracePeriodSeconds: 30,
    ...(priorityClassName === undefined ? {} : { priorityClassName }),
  })
}

async function untilReady(status: 'true' | 'false'): Promise<string> {
  await node.kubectl.run('wait', `--for=condition=Ready=${status}`, `node/${node.name}`, '--timeout=100s')
  const { conditions = [] } = (await node.kubectl.get<KubeNode>('node', node.name)).status ?? {}
  const ready = conditions.find(({ type }) => type === 'Ready')
  return `${ready?.status} ${ready?.message}`
}

function endedAt(pod: Pod): string {
  return statusOf(pod, 'main').state?.terminated?.finishedAt ?? ''
}

describe('a shutdown of the machine', () => {
  it('waits until the Pods have ended, the critical ones last, and lets in no other', async () => {
    await node.createAll([takes('slow', 60), takes('dns', 1, 'system-node-critical')])
    for (const name of ['slow', 'dns']) await node.until(name, 'ready', isReady)
    assert.match(await bus.locks(), /"shutdown" "kubelet" "Kubelet needs time to handle node shutdown" "delay"/u)
    await bus.emit(true)
    const slow = await node.until('slow', 'over', hasPhase('Failed'))
    assertShutDown(slow)
    assert.equal(await untilReady('false'), 'False node is shutting down')
    const late = await node.createUntil(takes('late', 0), 'rejected', hasPhase('Failed'))
    const rejected = 'Pod was rejected: Pod was rejected as the node is shutting down.'
    assert.deepEqual([late.status?.reason, late.status?.message], ['NodeShutdown', rejected])
    const dns = await node.until('dns', 'over', hasPhase('Failed'))
    assertShutDown(dns)
    // By Docker's clock: which of the two is told of first says nothing.
    assert.ok(endedAt(slow) <= endedAt(dns), `${endedAt(slow)} and ${endedAt(dns)}`)
    await bus.emit(false)
    await untilReady('true')
    assert.ok(await node.createUntil(takes('later', 0), 'ready', isReady))
  })
})

function assertShutDown({ status }: Pod): void {
  assert.deepEqual([status?.reason, status?.message], ['Terminated', text])
  const condition = status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
  assert.deepEqual([condition?.status, condition?.reason], ['True', 'TerminationByKubelet'])
}
