/**
 * What a Pod gets as a whole, below a root that only this file's agents have. Static Pods, so any
 * API server's release will do.
 */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtemp, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { describe, it } from 'node:test'
import { labels } from '../../src/model/labels.ts'
import type { ContainerSpec, Pod, PodSpec } from '../../src/model/kube.ts'
import { docker, repositoryPath } from '../support/command.ts'
import { labelOf, removeDockerContainersOf, type DockerContainer } from '../support/docker-objects.ts'
import { endProcess } from '../support/end-process.ts'
import { everyStep } from '../support/every-step.ts'
import { setHugePagesAside } from '../support/kernel.ts'
import { Opened } from '../support/opened.ts'
import { cgroupValue, podCgroups, removeCgroupRoot } from '../support/pod-cgroups.ts'
import { unmountAndRemove } from '../support/mounts.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const root = `minikubelet-e2e-${process.pid}`
const kubepods = `/${root}/kubepods`
const flags = [`--cgroup-root=/${root}`, '--kube-reserved=memory=1Gi,cpu=500m,pid=1000']

// The sizes that a node has are looked at when its agent starts.
const opened = new Opened()
opened.defer(() => removeCgroupRoot(root))
await opened.open(setHugePagesAside(4))
const node = await opened.open(StandaloneNode.start(...flags))

async function run(
  on: StandaloneNode,
  name: string,
  containers: readonly ContainerSpec[],
  spec: Partial<PodSpec> = {},
) {
  await on.write(`${name}.json`, podManifest(name, containers, spec))
  const pod = await on.until(name, 'ready', (found) => found !== undefined && isReady(found))
  assert.ok(pod)
  return pod
}

async function containerOf(pod: Pod, name: string): Promise<DockerContainer> {
  const found = (await node.containers()).find(
    (container) =>
      labelOf(container, labels.podUid) === pod.metadata.uid && labelOf(container, labels.containerName) === name,
  )
  assert.ok(found)
  return found
}

function taking(name: string, resources: NonNullable<ContainerSpec['resources']>): ContainerSpec {
  return staying(name, { resources })
}

describe('What all Pods get together', () => {
  it('is what of the machine is not reserved', async () => {
    await run(node, 'any', [staying('main')])
    const { MemTotal: bytes, NCPU: cpus } = JSON.parse(await docker('info', '--format', '{{json .}}'))
    assert.equal(await cgroupValue('memory', kubepods, 'memory.limit_in_bytes'), String(pages(bytes - 1024 ** 3)))
    assert.equal(await cgroupValue('cpu', kubepods, 'cpu.shares'), String(Math.trunc((cpus - 0.5) * 1024)))
    assert.equal(await cgroupValue('hugetlb', kubepods, 'hugetlb.2MB.limit_in_bytes'), String(8 * 1024 ** 2))
    assert.match(await cgroupValue('pids', kubepods, 'pids.max'), /^\d+$/u)
  })
})

describe('What a Pod gets as a whole', { concurrency: true }, () => {
  it('is what is asked for it, and bounds those of its containers that have no limits', async () => {
    const resources = { requests: { cpu: '250m', memory: '64Mi' }, limits: { cpu: '500m', memory: '128Mi' } }
    const containers = [staying('free'), taking('bound', { limits: { memory: '32Mi' }, requests: { memory: '16Mi' } })]
    const pod = await run(node, 'whole', containers, { resources })
    const cgroup = `${kubepods}/burstable/pod${pod.metadata.uid}`
    assert.equal(await cgroupValue('cpu', cgroup, 'cpu.shares'), '256')
    assert.equal(await cgroupValue('cpu', cgroup, 'cpu.cfs_quota_us'), '50000')
    assert.equal(await cgroupValue('memory', cgroup, 'memory.limit_in_bytes'), String(128 * 1024 ** 2))
    const [free, bound] = await Promise.all([containerOf(pod, 'free'), containerOf(pod, 'bound')])
    assert.deepEqual([free.HostConfig.Memory, free.HostConfig.CpuQuota], [128 * 1024 ** 2, 50_000])
    assert.deepEqual([bound.HostConfig.Memory, bound.HostConfig.CpuQuota], [32 * 1024 ** 2, 50_000])
    const seen = await docker('exec', free.Id, 'cat', '/sys/fs/cgroup/memory/memory.limit_in_bytes')
    assert.equal(seen, String(128 * 1024 ** 2))
    assert.equal(pod.status?.qosClass, 'Burstable')
    assert.deepEqual(pod.status.allocatedResources, { cpu: '250m', memory: '64Mi' })
    assert.deepEqual(pod.status.resources, resources)
  })

  it('is more by its overhead', async () => {
    const both = { cpu: '100m', memory: '32Mi' }
    const containers = [taking('main', { requests: both, limits: both })]
    const pod = await run(node, 'over', containers, { overhead: { cpu: '100m', memory: '32Mi' } })
    const cgroup = `${kubepods}/pod${pod.metadata.uid}`
    assert.equal(await cgroupValue('cpu', cgroup, 'cpu.shares'), '204')
    assert.equal(await cgroupValue('memory', cgroup, 'memory.limit_in_bytes'), String(64 * 1024 ** 2))
    assert.equal((await containerOf(pod, 'main')).HostConfig.Memory, 32 * 1024 ** 2)
  })

  it('has huge pages where it asks for them, in the containers that do', async () => {
    const two = { cpu: '10m', 'hugepages-2Mi': '4Mi' }
    const pod = await run(node, 'huge', [taking('has', { requests: two, limits: two }), staying('has-not')])
    const cgroup = `${kubepods}/burstable/pod${pod.metadata.uid}`
    const [has, not] = await Promise.all([containerOf(pod, 'has'), containerOf(pod, 'has-not')])
    const limit = (path: string): Promise<string> => cgroupValue('hugetlb', path, 'hugetlb.2MB.limit_in_bytes')
    const limits = await Promise.all([limit(cgroup), limit(`${cgroup}/${has.Id}`), limit(`${cgroup}/${not.Id}`)])
    assert.deepEqual(limits, [String(4 * 1024 ** 2), String(4 * 1024 ** 2), '0'])
  })
})

describe('The cgroups of Pods', { concurrency: true }, () => {
  it('are removed by the next agent where this one was killed, and nobody’s but its own', async () => {
    await using first = await StandaloneNode.start(...flags)
    await using second = await StandaloneNode.start(...flags)
    const asking = taking('main', { requests: { cpu: '100m' } })
    const [left, removed, other] = await Promise.all([
      run(first, 'left', [asking]),
      run(first, 'removed', [asking]),
      run(second, 'other', [asking]),
    ])
    await first.agent.kill()
    await first.remove('left.json')
    await first.remove('removed.json')
    // Nothing but its folder says that there was a Pod.
    const records = (await first.containers()).filter(
      (container) => labelOf(container, labels.podUid) === removed.metadata.uid,
    )
    await docker('rm', '--force', ...records.map(({ Id }) => Id))
    assert.notDeepEqual(await podCgroups(removed.metadata.uid, root), [])
    const agent = first.restartAgent()
    const gone = async (uid: string): Promise<void> => {
      await agent.log.first(`the end of Pod ${uid}`, (line) => line.msg === 'pod-removed' && line['uid'] === uid)
      assert.deepEqual(await podCgroups(uid, root), [])
    }
    await Promise.all([gone(left.metadata.uid), gone(removed.metadata.uid)])
    assert.notDeepEqual(await podCgroups(other.metadata.uid, root), [])
  })

  it('are none where the agent does not see those of the host, which it says, and Pods run all the same', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
    const name = `e2e-none-${process.pid}`
    const manifest = podManifest('lone', [taking('main', { limits: { memory: '32Mi' } })])
    await writeFile(join(folder, 'lone.json'), JSON.stringify(manifest))
    const own = [
      repositoryPath('src/main.ts'),
      '--log-format=json',
      `--hostname-override=${name}`,
      '--healthz-port=0',
      '--port=0',
      `--pod-logs-dir=${join(folder, 'pod-logs')}`,
      `--container-logs-dir=${join(folder, 'container-logs')}`,
    ]
    const paths = [`--pod-manifest-path=${folder}`, `--root-dir=${join(folder, 'root')}`]
    const args = ['--cgroup', process.execPath, ...own, ...paths]
    const agent = spawn('unshare', args, { stdio: ['ignore', 'ignore', 'pipe'] })
    try {
      const said: string[] = []
      for await (const line of createInterface(agent.stderr)) {
        const { msg }: { readonly msg: string } = JSON.parse(line)
        if (msg.includes('cgroups')) said.push(msg)
        if (msg === 'container-started') break
      }
      assert.deepEqual(said, [
        'Pods get no cgroups of their own, limits hold for each of their containers only: the agent runs in a cgroup namespace of its own',
      ])
      const ids = await docker('ps', '--quiet', '--filter', `label=${labels.node}=${name}`)
      const format = '{{.HostConfig.CgroupParent}} {{.HostConfig.Memory}}'
      const options = await docker('inspect', '--format', format, ...ids.split('\n'))
      assert.deepEqual(
        options
          .split('\n')
          .map((line) => line.trim())
          .toSorted(),
        ['0', String(32 * 1024 ** 2)],
      )
    } finally {
      await everyStep(
        () => endProcess(agent, 'SIGKILL'),
        () => removeDockerContainersOf(name),
        () => unmountAndRemove(folder),
      )
    }
  })
})

/** The kernel counts memory in pages. */
function pages(bytes: number): number {
  return Math.floor(bytes / 4096) * 4096
}
