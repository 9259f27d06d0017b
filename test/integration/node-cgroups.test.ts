/** The cgroups that a node has for all its Pods, and for what is not for Pods, in the kernel of this host. */
import assert from 'node:assert/strict'
import { mkdirSync } from 'node:fs'
import { hostname, release, totalmem } from 'node:os'
import { after, describe, it } from 'node:test'
import { NodeCgroups, type NodeCgroupsOptions } from '../../src/cgroup/node-cgroups.ts'
import { noPodCgroups } from '../../src/cgroup/pod-cgroups.ts'
import type { CgroupConfig } from '../../src/config/config.ts'
import { aPod } from '../builders/pod.ts'
import { usualInfo } from '../fakes/usual-info.ts'
import { cgroupValue, podCgroups, removeCgroupRoot } from '../support/pod-cgroups.ts'

const root = `minikubelet-node-${process.pid}`
after(() => removeCgroupRoot(root))

const config: CgroupConfig = {
  perQos: true,
  root: `/${root}`,
  driver: undefined,
  podPidsLimit: undefined,
  enforced: ['pods'],
  systemReservedCgroup: '',
  kubeReservedCgroup: '',
  singleProcessOomKill: false,
}

interface Opened {
  readonly cgroups: NodeCgroups
  readonly events: readonly string[]
  readonly warnings: readonly string[]
}

/** The node's cgroups with a Docker on this host, and what was told of them. */
async function open(
  change: Partial<CgroupConfig> = {},
  docker: Partial<NodeCgroupsOptions['docker']> = {},
): Promise<Opened> {
  const events: string[] = []
  const warnings: string[] = []
  const here = { kernelVersion: release(), memoryBytes: totalmem(), hostname: hostname() }
  const cgroups = await NodeCgroups.open({
    config: { ...config, ...change },
    cpuPeriodUs: 100_000,
    docker: { ...usualInfo, ...here, cgroupVersion: '1', cgroupDriver: 'cgroupfs', ...docker },
    dockerHost: 'unix:///var/run/docker.sock',
    pageSizes: ['2Mi'],
    podsBounds: { cpu: '1500m', memory: '1Gi', pid: '2000', 'hugepages-2Mi': '4Mi' },
    systemReserved: { cpu: '250m', memory: '64Mi' },
    kubeReserved: { cpu: '500m', memory: '128Mi', pid: '100' },
    tell: (type, reason, message) => events.push(`${type} ${reason} ${message}`),
    log: { warn: (message) => warnings.push(message) },
  })
  return { cgroups, events, warnings }
}

describe('The cgroups of a node', () => {
  it('hold all Pods to what is for them, and say so', async () => {
    const { events, warnings } = await open()
    assert.equal(await cgroupValue('memory', `${root}/kubepods`, 'memory.limit_in_bytes'), String(1024 ** 3))
    assert.equal(await cgroupValue('cpu', `${root}/kubepods`, 'cpu.shares'), '1536')
    assert.equal(await cgroupValue('pids', `${root}/kubepods`, 'pids.max'), '2000')
    assert.equal(await cgroupValue('hugetlb', `${root}/kubepods`, 'hugetlb.2MB.limit_in_bytes'), String(4 * 1024 ** 2))
    assert.deepEqual(events, ['Normal NodeAllocatableEnforced Updated Node Allocatable limit across pods'])
    assert.deepEqual(warnings, [])
  })

  it('hold what else runs on the machine to what is reserved for it, in whole or what does no harm', async () => {
    for (const controller of ['cpu', 'memory', 'pids', 'hugetlb']) {
      mkdirSync(`/sys/fs/cgroup/${controller}/${root}/system`)
      mkdirSync(`/sys/fs/cgroup/${controller}/${root}/kube`)
    }
    const { events } = await open({
      enforced: ['pods', 'system-reserved-compressible', 'kube-reserved'],
      systemReservedCgroup: `/${root}/system`,
      kubeReservedCgroup: `/${root}/kube`,
    })
    assert.deepEqual(events.slice(1), [
      `Normal NodeAllocatableEnforced Updated limits on system reserved cgroup /${root}/system`,
      `Normal NodeAllocatableEnforced Updated limits on kube reserved cgroup /${root}/kube`,
    ])
    assert.equal(await cgroupValue('cpu', `${root}/system`, 'cpu.shares'), '256')
    assert.notEqual(await cgroupValue('memory', `${root}/system`, 'memory.limit_in_bytes'), String(64 * 1024 ** 2))
    assert.equal(await cgroupValue('cpu', `${root}/kube`, 'cpu.shares'), '512')
    assert.equal(await cgroupValue('memory', `${root}/kube`, 'memory.limit_in_bytes'), String(128 * 1024 ** 2))
    assert.equal(await cgroupValue('pids', `${root}/kube`, 'pids.max'), '100')
  })

  it('are told of where what they are enforced on is not there', async () => {
    const { events, warnings } = await open({ enforced: ['system-reserved'], systemReservedCgroup: '/no/such' })
    const why = 'Failed to enforce System Reserved Cgroup Limits on "/no/such": cgroup "/no/such" does not exist'
    assert.deepEqual(events.slice(1), [`Warning FailedNodeAllocatableEnforcement ${why}`])
    assert.deepEqual(warnings, [why])
  })

  it('are Docker’s kind, whatever was configured', async () => {
    const { cgroups, warnings } = await open({ driver: 'systemd' })
    assert.deepEqual(warnings, ["Docker's cgroup driver is used"])
    assert.equal(await cgroups.pods.ensure(aPod()), `/${root}/kubepods/besteffort/pod${aPod().metadata.uid}`)
    await cgroups.pods.remove(aPod().metadata.uid, new AbortController().signal)
  })

  it('are none where they are not wanted, or where Docker has others, which is said once', async () => {
    const unwanted = await open({ perQos: false, enforced: [] })
    assert.deepEqual([unwanted.warnings, unwanted.events, unwanted.cgroups.pods], [[], [], noPodCgroups])
    const elsewhere = await open({}, { kernelVersion: '5.15.0-linuxkit' })
    assert.deepEqual(elsewhere.warnings, [
      'Pods get no cgroups of their own, limits hold for each of their containers only: Docker is on another host',
    ])
    assert.deepEqual([elsewhere.events, await elsewhere.cgroups.pods.ensure(aPod())], [[], undefined])
    // This host has those of version 1.
    const other = await open({}, { cgroupVersion: '2' })
    assert.match(other.warnings[0] ?? '', /: no cgroups of version 2 are mounted here$/u)
  })

  it('go with a node that is thrown away, but for those in which others have Pods', async () => {
    const [{ cgroups }, other] = await Promise.all([open(), open()])
    await other.cgroups.pods.ensure(aPod())
    await cgroups.removeEmpty()
    assert.notDeepEqual(await podCgroups(aPod().metadata.uid, root), [])
    await other.cgroups.pods.remove(aPod().metadata.uid, new AbortController().signal)
    await cgroups.removeEmpty()
    await assert.rejects(cgroupValue('memory', `${root}/kubepods`, 'memory.limit_in_bytes'), { code: 'ENOENT' })
  })
})
