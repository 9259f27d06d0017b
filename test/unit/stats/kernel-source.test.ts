import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import { runningPod, type RunningPod } from '../../../src/stats/running-pods.ts'
import { anObservedContainer, anObservedPod, anObservedSandbox } from '../../builders/observed.ts'
import { aPodUid } from '../../builders/pod.ts'
import { aRow } from '../../builders/usage.ts'
import { HostInFiles } from '../../support/host-in-files.ts'

const slice = `/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod${aPodUid.replaceAll('-', '_')}.slice`
const hosts = [
  {
    title: 'version 1, without systemd',
    version: '1',
    pods: '/kubepods',
    pod: `/kubepods/besteffort/pod${aPodUid}`,
    own: (id: string) => id,
  },
  {
    title: 'version 2, with systemd',
    version: '2',
    pods: '/kubepods.slice',
    pod: slice,
    own: (id: string) => `docker-${id}.scope`,
  },
] as const

function aRunningPod(): RunningPod {
  const state = { phase: 'running', startedAtMs: 0, pid: 4712 } as const
  const pod = runningPod(
    anObservedPod({ sandboxes: [anObservedSandbox()], containers: [anObservedContainer({ state })] }),
  )
  assert.ok(pod !== undefined)
  return pod
}

for (const { title, version, pods, pod, own } of hosts) {
  describe(`Figures from the kernel, ${title}`, () => {
    function hostWithPod(): HostInFiles {
      const host = new HostInFiles(version)
      for (const [pid, id] of [
        [4711, 'sandbox-0'],
        [4712, 'main-0'],
      ] as const) {
        host.cgroup(`${pod}/${own(id)}`)
        host.process(pid, `${pod}/${own(id)}`)
      }
      host.cgroup(pod)
      host.cgroup(pods)
      return host
    }

    it('are those of the Pod, its sandbox and its containers, where the kernel says they are', async () => {
      using host = hostWithPod()
      const usage = await host.source(pods).pod(aRunningPod(), 'metrics')
      assert.deepEqual([...usage.rows.keys()], ['sandbox-0', 'main-0'])
      assert.equal(usage.pod?.id, pod)
      assert.equal(usage.layers.get(containerId('main-0')), '/layers/diff')
      assert.deepEqual(
        usage.interfaces?.map(({ name, rxBytes }) => [name, rxBytes]),
        [['eth0', 996]],
      )
      assert.partialDeepStrictEqual(usage.rows.get(containerId('main-0')), {
        id: `${pod}/${own('main-0')}`,
        usage: { memory: { workingSet: 712_704, limit: 104_857_600 } },
        details: { bounds: { quotaUs: 50_000 } },
        processes: 2,
        files: { descriptors: 2, sockets: 0, softLimit: 1024 },
      })
    })

    it('are read of the sandbox only where somebody wants to know, but its processes count', async () => {
      using host = hostWithPod()
      const usage = await host.source(pods).pod(aRunningPod(), 'summary')
      assert.deepEqual([[...usage.rows.keys()], usage.processes], [['main-0'], 4])
    })

    it('are of CPU and memory alone where nothing else is asked for', async () => {
      using host = hostWithPod()
      const usage = await host.source(pods).pod(aRunningPod(), 'resources')
      assert.equal(usage.interfaces, undefined)
      const row = usage.rows.get(containerId('main-0'))
      assert.deepEqual([row?.details, row?.processes, row?.files], [undefined, 0, undefined])
    })

    it('are of no other process that has got the number of one that has ended', async () => {
      using host = hostWithPod()
      host.process(4712, '/system.slice/other.service')
      const usage = await host.source(pods).pod(aRunningPod(), 'metrics')
      assert.deepEqual([...usage.rows.keys()], ['sandbox-0'])
    })

    it('are of the machine with all that it has, and of all Pods', () => {
      using host = hostWithPod()
      const source = host.source(pods)
      assert.equal(source.node('resources')?.usage.memory.limit, 1_024_000)
      assert.deepEqual(
        source.system('resources', []).map(({ name, row }) => [name, row.id]),
        [['pods', pods]],
      )
      assert.deepEqual(
        source.interfaces()?.map(({ txBytes }) => txBytes),
        [2000],
      )
    })

    it('have the sum of all Pods where those have no cgroups', async () => {
      using host = new HostInFiles(version)
      host.cgroup(`/docker/${own('main-0')}`)
      host.process(4712, `/docker/${own('main-0')}`)
      const source = host.source(pods)
      const usage = await source.pod(aRunningPod(), 'summary')
      assert.deepEqual([[...usage.rows.keys()], usage.pod], [['main-0'], undefined])
      const [all] = source.system('summary', [aRow('a'), aRow('b')])
      assert.deepEqual([all?.name, all?.row.usage.memory.workingSet], ['pods', 100_000])
    })
  })
}

describe('Docker and the agent', () => {
  it('are known by the cgroups of their services', () => {
    using host = new HostInFiles('2')
    const stat = '(dockerd) S 1 1 1 0 -1 0 10 0 0 0 100 50 0 0 20 0 1 0 5000 0 1000 0'
    host.tree.write({ 'proc/900/stat': `900 ${stat}\n` })
    host.process(900, '/system.slice/docker.service')
    host.cgroup('/system.slice/docker.service')
    const [runtime] = host.source('/kubepods.slice').system('summary', [])
    assert.deepEqual(
      [
        runtime?.name,
        runtime?.row.id,
        runtime?.row.usage.memory.usage,
        runtime?.row.usage.memory.limit,
        runtime?.row.sinceMs,
      ],
      ['runtime', '/system.slice/docker.service', 3_858_432, undefined, 1_795_801_862_000 + 50_000],
    )
  })

  it('are known by their processes where they have no cgroup of their own, a containerd of their own included', () => {
    using host = new HostInFiles('1')
    host.tree.write({
      'proc/900/stat': '900 (dockerd) S 1 1 1 0 -1 0 10 0 1 0 100 50 0 0 20 0 1 0 5000 0 1000 0\n',
      'proc/901/stat': '901 (containerd) S 900 1 1 0 -1 0 20 0 2 0 10 5 0 0 20 0 1 0 5001 0 500 0\n',
      'proc/902/stat': '902 (containerd) S 800 1 1 0 -1 0 20 0 2 0 10 5 0 0 20 0 1 0 5001 0 500 0\n',
      'proc/900/cgroup': '1:cpu:/\n',
    })
    const [runtime] = host.source('/kubepods').system('resources', [])
    assert.partialDeepStrictEqual(runtime, {
      name: 'runtime',
      row: {
        usage: { cpu: { totalNs: 1_650_000_000 }, memory: { rss: 6_144_000, pageFaults: 30, majorPageFaults: 3 } },
      },
    })
  })
})
