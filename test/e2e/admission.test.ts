import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ContainerSpec, KubeNode, Pod } from '../../src/model/kube.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, statusOf, staying, type PodManifest } from '../support/test-pod.ts'

/** A node with room for everybody, and one for two Pods at a time, which has static Pods. */
const manifests = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
const opened = new Opened()
opened.defer(() => rm(manifests, { recursive: true }))
const node = await opened.open(TestNode.start('--allowed-unsafe-sysctls=net.core.*'))
const small = await opened.open(TestNode.start('--max-pods=2', `--pod-manifest-path=${manifests}`))

function asking(name: string, requests: Readonly<Record<string, string>>): ContainerSpec {
  return staying(name, { resources: { requests } })
}

/** Creates a Pod that is not let in, and returns it when it says so. */
async function rejected(manifest: PodManifest, reason: string, on = node): Promise<Pod> {
  const pod = await on.createUntil(manifest, 'Failed', hasPhase('Failed'))
  assert.equal(pod.status?.reason, reason)
  return pod
}

describe('A Pod that was bound past the scheduler', { concurrency: 4 }, () => {
  it('is Failed with a bare status when the node has not enough for it', async () => {
    const pod = await rejected(podManifest('greedy', [asking('main', { cpu: '1000000000' })]), 'OutOfcpu')
    const { phase, reason, message = '', startTime, qosClass, observedGeneration: _, ...more } = pod.status ?? {}
    assert.match(
      message,
      /^Pod was rejected: Node didn't have enough resource: cpu, requested: 1000000000000, used: \d+, capacity: \d+$/u,
    )
    assert.deepEqual(
      { phase, reason, qosClass, more },
      { phase: 'Failed', reason: 'OutOfcpu', qosClass: 'Burstable', more: {} },
    )
    assert.ok(startTime !== undefined)
    const event = await node.untilEvent('greedy', 'OutOfcpu')
    assert.deepEqual([event.type, `Pod was rejected: ${event.message}`], ['Warning', message])
    assert.deepEqual(await node.containers(pod), [])
    assert.match(await node.kubectl.run('get', 'pod', 'greedy', '--no-headers'), /^greedy +0\/1 +OutOfcpu +0 /u)
    await node.kubectl.run('delete', 'pod', 'greedy')
    await node.untilGone('greedy')
  })

  it('runs once the Node has the label that it asks for, however new that is', async () => {
    const wanting = (name: string): PodManifest =>
      podManifest(name, [staying('main')], { nodeSelector: { 'example.com/disk': 'ssd' } })
    const pod = await rejected(wanting('early'), 'NodeAffinity')
    assert.equal(
      pod.status?.message,
      "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
    )
    await node.kubectl.run('label', 'node', node.name, 'example.com/disk=ssd')
    await node.createUntil(wanting('late'), 'ready', isReady)
  })

  it('is refused a port of the node that another has', async () => {
    const wanting = (name: string): PodManifest =>
      podManifest(name, [staying('main', { ports: [{ containerPort: 80, hostPort: 18_080 }] })])
    await node.createUntil(wanting('port-first'), 'ready', isReady)
    await rejected(wanting('port-second'), 'NodePorts')
    await node.kubectl.run('delete', 'pod', 'port-first')
    await node.untilGone('port-first')
    await node.createUntil(wanting('port-third'), 'ready', isReady)
  })

  it('is refused sysctls that are neither safe nor allowed', async () => {
    const setting = (name: string, ...names: readonly string[]): PodManifest => {
      const sysctls = names.map((each) => ({ name: each, value: '1024' }))
      return podManifest(name, [staying('main')], { securityContext: { sysctls } })
    }
    const pod = await rejected(setting('unsafe', 'net.core.somaxconn', 'kernel.msgmax'), 'SysctlForbidden')
    assert.equal(pod.status?.message, 'Pod was rejected: forbidden sysctl: "kernel.msgmax" not allowlisted')
  })

  it('is refused when it is for another operating system', async () => {
    const manifest = podManifest('windows', [staying('main')])
    const metadata = { name: 'windows', labels: { 'kubernetes.io/os': 'windows' } }
    await rejected({ ...manifest, metadata }, 'PodOSSelectorNodeLabelDoesNotMatch')
  })

  it('is let in beside one that was not: what was refused takes no room', async () => {
    const { allocatable = {} } = (await node.kubectl.get<KubeNode>('node', node.name)).status ?? {}
    const memory = allocatable['memory'] ?? ''
    await rejected(podManifest('too-big', [asking('main', { memory }), asking('more', { memory: '1' })]), 'OutOfmemory')
    await node.createUntil(podManifest('fitting', [asking('main', { memory: '1Mi' })]), 'ready', isReady)
  })

  it('keeps its status, and those that run keep running, when the agent is started anew', async () => {
    const running = await small.createUntil(podManifest('stays', [staying('main')]), 'ready', isReady)
    const refused = await rejected(podManifest('refused', [asking('main', { cpu: '1000' })]), 'OutOfcpu', small)
    const containers = await small.containers(running)
    await small.agent.kill()
    small.restartAgent()
    await small.createUntil(podManifest('afterwards', [staying('main')]), 'ready', isReady)
    assert.deepEqual(
      (await small.containers(running)).map(({ Id }) => Id),
      containers.map(({ Id }) => Id),
    )
    assert.deepEqual(small.versions('refused').at(-1)?.status, refused.status)
    const late = await rejected(podManifest('third', [staying('main')]), 'OutOfpods', small)
    assert.equal(
      late.status?.message,
      "Pod was rejected: Node didn't have enough resource: pods, requested: 1, used: 2, capacity: 2",
    )
    await small.kubectl.run('delete', 'pods', '--all')
  })
})

describe('A critical Pod', () => {
  it('takes the place of another, which is told why, and starts when that has gone', async () => {
    const stubborn = shell('main', "trap 'exit 3' TERM; sleep 86400 & wait")
    await small.createUntil(podManifest('victim', [stubborn]), 'ready', isReady)
    await small.createUntil(podManifest('important', [asking('main', { cpu: '1m' })]), 'ready', isReady)
    const file = join(small.folder, 'critical.json')
    const manifest = podManifest('critical', [staying('main')])
    await writeFile(file, JSON.stringify({ ...manifest, metadata: { name: 'critical', namespace: small.name } }))
    await rename(file, join(manifests, 'critical.json'))
    await small.until(`critical-${small.name}`, 'ready', isReady)
    const victim = await small.until('victim', 'Failed', hasPhase('Failed'))
    const message = 'Preempted in order to admit critical pod'
    assert.deepEqual([victim.status?.reason, victim.status?.message], ['Preempting', message])
    const condition = victim.status?.conditions?.find(({ type }) => type === 'DisruptionTarget')
    assert.deepEqual(
      [condition?.status, condition?.reason, condition?.message],
      ['True', 'TerminationByKubelet', 'Pod was preempted by Kubelet to accommodate a critical pod.'],
    )
    assert.equal((await small.untilEvent('victim', 'Preempting', message)).type, 'Warning')
    const ended = small.versions('victim').filter(hasPhase('Failed'))
    assert.equal(ended[0]?.status?.containerStatuses?.[0]?.state?.terminated?.exitCode, 3)
    assert.equal(small.versions('important').at(-1)?.status?.phase, 'Running')
  })
})

describe('A critical Pod that wants the whole node', () => {
  it('gets it from those that ask for a part of it, and leaves the others be', async () => {
    await node.createUntil(podManifest('idle', [staying('main')]), 'ready', isReady)
    await node.createUntil(podManifest('modest', [asking('main', { cpu: '50m', memory: '8Mi' })]), 'ready', isReady)
    const { cpu = '', memory = '' } = (await node.kubectl.get<KubeNode>('node', node.name)).status?.allocatable ?? {}
    const priorityClassName = 'system-node-critical'
    const manifest = podManifest('demanding', [asking('main', { cpu, memory })], { priorityClassName })
    await node.createUntil(manifest, 'ready', isReady)
    const modest = await node.until('modest', 'ended', hasPhase('Succeeded'))
    assert.ok(modest.status?.conditions?.some(({ type, status }) => type === 'DisruptionTarget' && status === 'True'))
    assert.equal(node.versions('idle').at(-1)?.status?.phase, 'Running')
    await node.kubectl.run('delete', 'pod', 'demanding')
  })
})

describe('A static Pod without a cluster', () => {
  it('is judged by the Node as the agent would make it', async () => {
    await using alone = await StandaloneNode.start('--node-labels=example.com/disk=ssd')
    const wanting = (name: string, disk: string): PodManifest =>
      podManifest(name, [staying('main')], {
        nodeSelector: { 'kubernetes.io/hostname': alone.name, 'example.com/disk': disk },
      })
    await alone.write('fits.json', wanting('fits', 'ssd'))
    await alone.write('misfits.json', wanting('misfits', 'hdd'))
    await alone.until('fits', 'ready', (pod) => pod !== undefined && isReady(pod))
    const refused = await alone.until('misfits', 'Failed', (pod) => pod !== undefined && hasPhase('Failed')(pod))
    assert.equal(refused?.status?.reason, 'NodeAffinity')
  })
})

describe('activeDeadlineSeconds', { concurrency: 2 }, () => {
  const message = 'Pod was active on the node longer than the specified deadline'

  it('ends a Pod that has been here longer, and leaves its object', async () => {
    await node.create(podManifest('brief', [staying('main')], { activeDeadlineSeconds: 2 }))
    const pod = await node.until('brief', 'Failed', hasPhase('Failed'))
    assert.deepEqual([pod.status?.reason, pod.status?.message], ['DeadlineExceeded', message])
    // With which code is open: on a busy machine the time is up before its shell has set its trap (the next test has that).
    assert.notEqual(pod.status?.containerStatuses?.[0]?.state?.terminated, undefined)
    assert.equal((await node.untilEvent('brief', 'DeadlineExceeded', message)).type, 'Normal')
    assert.equal(pod.metadata.deletionTimestamp, undefined)
  })

  it('counts when it is given to a Pod that runs, and when it is shortened', async () => {
    await node.createUntil(podManifest('shortened', [staying('main')]), 'ready', isReady)
    const give = (seconds: number): Promise<string> =>
      node.kubectl.run('patch', 'pod', 'shortened', '-p', JSON.stringify({ spec: { activeDeadlineSeconds: seconds } }))
    await give(3600)
    await give(1)
    const pod = await node.until('shortened', 'Failed', hasPhase('Failed'))
    assert.equal(pod.status?.reason, 'DeadlineExceeded')
    assert.equal(statusOf(pod, 'main').state?.terminated?.exitCode, 0)
  })
})
