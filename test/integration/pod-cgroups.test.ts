/** The agent's cgroups in the kernel of this host, which has those of version 1, below a root that nobody else has. */
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import { CgroupFolders } from '../../src/cgroup/cgroup-folders.ts'
import { hierarchiesOf } from '../../src/cgroup/hierarchies.ts'
import { KernelCgroups } from '../../src/cgroup/kernel-cgroups.ts'
import type { Pod } from '../../src/model/kube.ts'
import { cgroupLayout } from '../../src/translate/resources/cgroup-names.ts'
import { asking } from '../builders/admission.ts'
import { aPod } from '../builders/pod.ts'
import { cgroupValue, podCgroups, removeCgroupRoot } from '../support/pod-cgroups.ts'

const root = `minikubelet-test-${process.pid}`
const hierarchies = hierarchiesOf(await readFile('/proc/self/mountinfo', 'utf8'), '1', [])
assert.ok(hierarchies, 'this host has no cgroups of version 1')
const folders = new CgroupFolders(hierarchies)

function agent(podPidsLimit = 100): KernelCgroups {
  return new KernelCgroups({
    layout: cgroupLayout('cgroupfs', root),
    facts: { cpuPeriodUs: 100_000, podPidsLimit, pageSizes: ['2Mi'] },
    folders,
    slices: undefined,
    killsSingly: false,
  })
}

function pod(uid: string, cpu: string | undefined): Pod {
  return aPod({ metadata: { uid }, spec: { containers: [asking(cpu === undefined ? {} : { cpu })] } })
}

const never = new AbortController().signal
const kubepods = `/${root}/kubepods`
const burstable = (): Promise<string> => cgroupValue('cpu', `${kubepods}/burstable`, 'cpu.shares')

describe('The cgroups of Pods', () => {
  const cgroups = agent()
  before(() => cgroups.makeTiers())
  after(() => removeCgroupRoot(root))

  it('stand below those of their classes, which are there from the start', async () => {
    assert.equal(await cgroupValue('cpu', `${kubepods}/besteffort`, 'cpu.shares'), '2')
    assert.equal(await burstable(), '2')
    assert.equal(await cgroups.ensure(pod('made', '100m')), `${kubepods}/burstable/podmade`)
    assert.equal(await cgroupValue('cpu', `${kubepods}/burstable/podmade`, 'cpu.shares'), '102')
    assert.equal(await cgroupValue('pids', `${kubepods}/burstable/podmade`, 'pids.max'), '100')
    assert.equal(await cgroupValue('hugetlb', `${kubepods}/burstable/podmade`, 'hugetlb.2MB.limit_in_bytes'), '0')
    await cgroups.remove('made', never)
  })

  it('are held together to what the node has for them', async () => {
    await cgroups.bound({ memoryBytes: 2 ** 30, cpuShares: 512 })
    assert.equal(await cgroupValue('memory', kubepods, 'memory.limit_in_bytes'), `${2 ** 30}`)
    assert.equal(await cgroupValue('cpu', kubepods, 'cpu.shares'), '512')
  })

  it('stay as they are until they are resized, also for an agent that has not made them', async () => {
    await cgroups.ensure(pod('changed', '100m'))
    await cgroups.ensure(pod('changed', '200m'))
    const shares = (): Promise<string> => cgroupValue('cpu', `${kubepods}/burstable/podchanged`, 'cpu.shares')
    assert.equal(await shares(), '102')
    await cgroups.resize(pod('changed', '200m'), { cpuShares: 204 })
    assert.deepEqual([await shares(), await burstable()], ['204', '204'])
    assert.equal(agent().limitsOf(pod('changed', '200m'))?.cpuShares, 204)
    await cgroups.remove('changed', never)
  })

  it('have CPU shares together that come from every agent below the same root', async () => {
    const other = agent()
    await cgroups.ensure(pod('mine-1', '300m'))
    await cgroups.ensure(pod('mine-2', '50m'))
    assert.equal(await burstable(), '358')
    await other.ensure(pod('theirs', '1'))
    assert.equal(await burstable(), `${1024 + 307 + 51}`)
    await cgroups.remove('mine-1', never)
    assert.equal(await burstable(), `${51 + 1024}`)
    await other.remove('theirs', never)
    await cgroups.refresh()
    assert.equal(await burstable(), '51')
    await cgroups.remove('mine-2', never)
  })

  it('are made with everything above them when somebody has tidied up', async () => {
    await cgroups.ensure(pod('first', undefined))
    await cgroups.remove('first', never)
    await agent().removeEmpty()
    assert.equal(folders.has(kubepods), false)
    await cgroups.ensure(pod('second', undefined))
    assert.equal(await cgroupValue('cpu', `${kubepods}/besteffort`, 'cpu.shares'), '2')
    assert.equal(await cgroupValue('memory', kubepods, 'memory.limit_in_bytes'), `${2 ** 30}`)
    await cgroups.remove('second', never)
    await agent().removeEmpty()
    await cgroups.refresh()
    assert.equal(await cgroupValue('memory', kubepods, 'memory.limit_in_bytes'), `${2 ** 30}`)
  })

  it('have in common what all agents write alike, now and then', async () => {
    writeFileSync(`/sys/fs/cgroup/cpu${kubepods}/besteffort/cpu.shares`, '1024')
    await cgroups.refresh()
    assert.equal(await cgroupValue('cpu', `${kubepods}/besteffort`, 'cpu.shares'), '2')
  })

  it('are removed only once nothing runs in them, or with what is left in them', async (t) => {
    await cgroups.ensure(pod('left', undefined))
    const process = spawn('sleep', ['86400'])
    t.after(() => process.kill('SIGKILL'))
    const path = `/sys/fs/cgroup/memory${kubepods}/besteffort/podleft`
    folders.make(`${kubepods}/besteffort/podleft/container`)
    writeFileSync(`${path}/container/cgroup.procs`, String(process.pid))
    await cgroups.release('left')
    assert.ok((await podCgroups('left', root)).includes(path))
    const ended = once(process, 'exit')
    await cgroups.remove('left', never)
    assert.deepEqual(await podCgroups('left', root), [])
    assert.deepEqual(await ended, [null, 'SIGKILL'])
  })

  it('are removed for an agent that has never seen their Pods, and no others with them', async () => {
    await cgroups.ensure(pod('known', '100m'))
    await cgroups.ensure(pod('other', '100m'))
    await agent().remove('known', never)
    assert.deepEqual(await podCgroups('known', root), [])
    assert.notDeepEqual(await podCgroups('other', root), [])
    await cgroups.remove('known', never)
    await cgroups.remove('other', never)
  })

  it('say in the kubelet’s words what the kernel does not take', async () => {
    await assert.rejects(agent(2 ** 40).ensure(pod('huge', '1')), {
      code: 'internal',
      message: /^failed to create container for \[minikubelet-test-\d+ kubepods burstable podhuge\] : EINVAL/u,
    })
    // The next try is none too late.
    assert.deepEqual(await podCgroups('huge', root), [])
  })
})
