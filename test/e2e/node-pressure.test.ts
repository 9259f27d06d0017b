/** A node that runs short of memory or disk: of a share that is made small for it, so that the machine has enough. */
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ContainerSpec, KubeEvent, KubeNode, Pod } from '../../src/model/kube.ts'
import { parseQuantity } from '../../src/util/quantity.ts'
import { unmountAndRemove } from '../support/mounts.ts'
import { removeCgroupRoot } from '../support/pod-cgroups.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, statusOf, staying, type PodManifest } from '../support/test-pod.ts'

/** A Pod that writes so many MiB into an emptyDir, and then stays. */
function hog(name: string, mebibytes: number, medium: '' | 'Memory', change: Partial<ContainerSpec> = {}): PodManifest {
  const script = `dd if=/dev/zero of=/hoard/file bs=1M count=${mebibytes}; sleep 86400`
  const container = shell('hog', script, { volumeMounts: [{ name: 'hoard', mountPath: '/hoard' }], ...change })
  return podManifest(name, [container], { volumes: [{ name: 'hoard', emptyDir: { medium } }] })
}

/** A Pod that uses less than it asked for. */
function innocent(name: string): PodManifest {
  const amount = { memory: '40Mi', 'ephemeral-storage': '40Mi' }
  return podManifest(name, [staying('main', { resources: { requests: amount, limits: amount } })])
}

function conditionOf({ status }: KubeNode, type: string): string {
  const found = status?.conditions?.find((condition) => condition.type === type)
  return `${found?.status} ${found?.reason}: ${found?.message}`
}

async function untilCondition(node: TestNode, type: string, status: string): Promise<string> {
  await node.kubectl.run(
    'wait',
    `--for=condition=${type}=${status.toLowerCase()}`,
    `node/${node.name}`,
    '--timeout=100s',
  )
  return conditionOf(await node.kubectl.get<KubeNode>('node', node.name), type)
}

async function nodeEvents(node: TestNode): Promise<readonly string[]> {
  const selector = `involvedObject.kind=Node,involvedObject.name=${node.name}`
  const found = await node.kubectl.get<{ readonly items: readonly KubeEvent[] }>(
    'events',
    `--field-selector=${selector}`,
    '--namespace=default',
  )
  return found.items.map(({ type, reason, message }) => `${type} ${reason} ${message}`)
}

function disruptionOf({ status }: Pod): string | undefined {
  return status?.conditions?.find(({ type }) => type === 'DisruptionTarget')?.message
}

// They wait most of the time.
describe('A node that runs short', { concurrency: 3 }, () => {
  describe('A node whose Pods have little memory together', () => {
    const root = `minikubelet-pressure-${process.pid}`

    it('evicts the one that uses more than it asked for, and takes no more of its kind meanwhile', async (t) => {
      const meminfo = await readFile('/proc/meminfo', 'utf8')
      const kibibytes = Number(/^MemTotal: *(\d+) kB$/mu.exec(meminfo)?.[1])
      const reservedBytes = (kibibytes - 500 * 1024) * 1024
      await using node = await TestNode.start(
        `--cgroup-root=/${root}`,
        `--kube-reserved=memory=${reservedBytes}`,
        '--eviction-hard=memory.available<150Mi',
      )
      t.after(() => removeCgroupRoot(root))
      const asks = (memory: string) => ({ resources: { requests: { memory } } })
      // Each alone is no matter: together they leave less than that.
      await node.createUntil(hog('modest', 160, 'Memory', asks('200Mi')), 'ready', isReady)
      const evicted = await node.createUntil(hog('greedy', 220, 'Memory', asks('1Mi')), 'failed', hasPhase('Failed'))
      const { reason, message = '', containerStatuses } = evicted.status ?? {}
      assert.equal(reason, 'Evicted')
      assert.match(
        message,
        /^The node was low on resource: memory. Threshold quantity: 150Mi, available: \S+\. Container hog was using \S+, request is 1Mi, has larger consumption of memory. $/u,
      )
      assert.equal(disruptionOf(evicted), message)
      assert.equal(containerStatuses?.length, 1)
      const event = await node.untilEvent('greedy', 'Evicted', message)
      const {
        offending_containers,
        offending_containers_usage = '',
        starved_resource,
      } = event.metadata.annotations ?? {}
      assert.deepEqual([offending_containers, starved_resource], ['hog', 'memory'])
      assert.ok((parseQuantity(offending_containers_usage)?.nano ?? 0n) > 150n * 1024n ** 2n * 1_000_000_000n)

      const condition = await untilCondition(node, 'MemoryPressure', 'True')
      assert.equal(condition, 'True KubeletHasInsufficientMemory: kubelet has insufficient memory available')
      const refused = await node.createUntil(podManifest('meanwhile', [staying('main')]), 'failed', hasPhase('Failed'))
      assert.deepEqual(
        [refused.status?.reason, refused.status?.message],
        ['Evicted', 'Pod was rejected: The node had condition: [MemoryPressure]. '],
      )
      assert.ok((await nodeEvents(node)).includes('Warning EvictionThresholdMet Attempting to reclaim memory'))
      assert.equal((await node.kubectl.get<Pod>('pod', 'modest')).status?.phase, 'Running')
    })
  })

  describe('A node whose disk is small', () => {
    it('evicts the Pod that fills it, by what is in its volumes, takes none before that is over, and is well again after it', async (t) => {
      const folder = await mkdtemp(join(tmpdir(), 'minikubelet-disk-'))
      const disk = join(folder, 'disk')
      await mkdir(disk)
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=200m', 'none', disk])
      t.after(() => unmountAndRemove(folder))
      // Its Pods' folders lie elsewhere than those of other tests, so their cgroups do, too.
      const cgroupRoot = `minikubelet-disk-${process.pid}`
      t.after(() => removeCgroupRoot(cgroupRoot))
      await using node = await TestNode.start(
        `--root-dir=${join(disk, 'root')}`,
        `--cgroup-root=/${cgroupRoot}`,
        '--eviction-hard=nodefs.available<100Mi',
        // Nobody goes for that one: the node is short of disk until this test says that it is over.
        '--eviction-soft=nodefs.available<130Mi',
        '--eviction-soft-grace-period=nodefs.available=24h',
        '--eviction-pressure-transition-period=1s',
      )
      await node.createUntil(innocent('innocent'), 'ready', isReady)
      await node.createUntil(hog('greedy', 60, ''), 'ready', isReady)
      // Of the 200 this leaves 125 to the others, and 65 as long as that Pod has its 60.
      const ballast = join(disk, 'ballast')
      await writeFile(ballast, Buffer.alloc(75 * 1024 ** 2))
      const evicted = await node.until('greedy', 'failed', hasPhase('Failed'))
      const { reason, message = '' } = evicted.status ?? {}
      assert.equal(reason, 'Evicted')
      assert.match(
        message,
        /^The node was low on resource: ephemeral-storage. Threshold quantity: 100Mi, available: \S+\. /u,
      )
      const event = await node.untilEvent('greedy', 'Evicted', message)
      assert.equal(event.metadata.annotations?.['starved_resource'], 'ephemeral-storage')
      const condition = await untilCondition(node, 'DiskPressure', 'True')
      assert.equal(condition, 'True KubeletHasDiskPressure: kubelet has disk pressure')
      const refused = await node.createUntil(innocent('another'), 'failed', hasPhase('Failed'))
      assert.equal(refused.status?.message, 'Pod was rejected: The node had condition: [DiskPressure]. ')
      await rm(ballast)
      const well = await untilCondition(node, 'DiskPressure', 'False')
      assert.equal(well, 'False KubeletHasNoDiskPressure: kubelet has no disk pressure')
      await node.createUntil(innocent('later'), 'ready', isReady)
      assert.equal((await node.kubectl.get<Pod>('pod', 'innocent')).status?.phase, 'Running')
    })
  })

  describe('A Pod that runs when its node runs short', () => {
    it('gets its own time to end where a soft threshold is crossed for long enough, and next to none where a hard one is', async () => {
      await using node = await TestNode.start()
      const restart = async (...flags: readonly string[]): Promise<void> => {
        await node.agent.stop()
        node.restartAgent(...flags)
      }
      // It takes some time to end, and says with its exit code that it had that.
      await node.createAll([
        podManifest('orderly', [shell('main', "trap 'sleep 3; exit 3' TERM; sleep 86400 & wait")]),
        podManifest('needed', [staying('main')], { priorityClassName: 'system-node-critical' }),
      ])
      for (const name of ['orderly', 'needed']) await node.until(name, 'ready', isReady)
      await restart(
        '--eviction-hard=',
        '--eviction-soft=memory.available<100Ti',
        '--eviction-soft-grace-period=memory.available=1s',
        '--eviction-max-pod-grace-period=20',
      )
      const orderly = await node.until('orderly', 'failed', hasPhase('Failed'))
      assert.match(orderly.status?.message ?? '', /^The node was low on resource: memory. Threshold quantity: 100Ti, /u)
      assert.equal(statusOf(orderly, 'main').state?.terminated?.exitCode, 3)

      await restart('--eviction-hard=')
      await node.createUntil(podManifest('stubborn', [shell('main', 'sleep 86400')]), 'ready', isReady)
      await restart('--eviction-hard=pid.available<100M')
      const stubborn = await node.until('stubborn', 'failed', hasPhase('Failed'))
      const message = /^The node was low on resource: pids. Threshold quantity: 100M, available: \S+. $/u
      assert.match(stubborn.status?.message ?? '', message)
      assert.equal(disruptionOf(stubborn), stubborn.status?.message)
      assert.equal(statusOf(stubborn, 'main').state?.terminated?.exitCode, 137)
      const condition = await untilCondition(node, 'PIDPressure', 'True')
      assert.equal(condition, 'True KubeletHasInsufficientPID: kubelet has insufficient PID available')
      const refused = await node.createUntil(innocent('another'), 'failed', hasPhase('Failed'))
      assert.equal(refused.status?.message, 'Pod was rejected: The node had condition: [PIDPressure]. ')
      assert.equal((await node.kubectl.get<Pod>('pod', 'needed')).status?.phase, 'Running')
    })
  })
})
