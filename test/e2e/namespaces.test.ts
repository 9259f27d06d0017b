import assert from 'node:assert/strict'
import { readFile, readlink } from 'node:fs/promises'
import { after, describe, it } from 'node:test'
import type { Pod, PodSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'
import { ociRuntimes } from '../support/uts-runtime.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const { hasWrapper } = await ociRuntimes()

/** A zombie can still be sent signals: the script goes on only when somebody has reaped it. */
const makesAnOrphan = `( sleep 1 & echo $! >/orphan ); while kill -0 $(cat /orphan); do sleep 0.1; done; echo reaped; ${untilTold}`

describe('A Pod that shares its process namespace', { concurrency: 2 }, () => {
  it('has its processes see each other, below the pause, which reaps those that nobody waits for', async () => {
    const containers = [staying('other'), shell('main', makesAnOrphan)]
    const pod = await node.createUntil(
      podManifest('shared', containers, { shareProcessNamespace: true }),
      'ready',
      isReady,
    )
    await node.untilPrinted(pod, 'main', 'reaped')
    assert.equal(await node.exec(pod, 'main', 'cat', '/proc/1/comm'), 'pause')
    const processes = await node.exec(pod, 'main', 'ps', '-o', 'pid,stat,args')
    assert.equal(processes.split('\n').filter((line) => line.includes('sleep 86400')).length, 4, processes)
    assert.doesNotMatch(processes, / Z/u)
  })

  it('ends like any other', async () => {
    const manifest = podManifest('shared-and-deleted', [staying('one'), staying('two')], {
      shareProcessNamespace: true,
    })
    await node.createUntil(manifest, 'ready', isReady)
    await node.kubectl.run('delete', 'pod', 'shared-and-deleted', '--wait=false')
    const last = await node.untilGone('shared-and-deleted')
    assert.deepEqual(
      last.status?.containerStatuses?.map(({ state }) => state?.terminated?.exitCode),
      [0, 0],
    )
  })
})

type Kind = 'net' | 'ipc' | 'uts' | 'pid'
const kinds: readonly Kind[] = ['net', 'ipc', 'uts', 'pid']

/** The namespaces that a container is in: `net:[4026531992]` for each kind, as /proc has them. */
async function namespacesIn(pod: Pod, container: string): Promise<Readonly<Record<Kind, string>>> {
  const printed = await node.exec(
    pod,
    container,
    'sh',
    '-c',
    'for kind in net ipc uts pid; do readlink /proc/self/ns/$kind; done',
  )
  const [net = '', ipc = '', uts = '', pid = ''] = printed.split('\n')
  return { net, ipc, uts, pid }
}

/** Which of the host's namespaces a Pod asks for, and which it then has: its hostname goes with the network. */
const table: readonly (readonly [spec: Partial<PodSpec>, hosts: readonly Kind[]])[] = [
  [{}, []],
  [{ hostPID: true }, ['pid']],
  [{ hostIPC: true }, ['ipc']],
  [{ hostNetwork: true }, ['net', 'uts']],
  [{ hostNetwork: true, hostIPC: true, hostPID: true }, ['net', 'ipc', 'uts', 'pid']],
]

describe("A Pod that asks for the host's namespaces", { concurrency: 5 }, () => {
  for (const [number, [spec, hosts]] of table.entries()) {
    it(`has those of the host in all of its containers, and others of its own, under ${JSON.stringify(spec)}`, async () => {
      const manifest = podManifest(`host-${number}`, [staying('one'), staying('two')], spec)
      const pod = await node.createUntil(manifest, 'ready', isReady)
      const [one, two] = await Promise.all([namespacesIn(pod, 'one'), namespacesIn(pod, 'two')])
      const ours = await Promise.all(kinds.map((kind) => readlink(`/proc/self/ns/${kind}`)))
      assert.deepEqual(
        kinds.filter((kind, index) => one[kind] === ours[index]),
        hosts,
      )
      // Processes are each container's own, if the Pod doesn't say otherwise; without the wrapper the hostname is, too.
      const own: readonly Kind[] = hasWrapper ? ['pid'] : ['pid', 'uts']
      const shared = kinds.filter((kind) => !own.includes(kind) || hosts.includes(kind))
      assert.deepEqual(
        kinds.filter((kind) => one[kind] === two[kind]),
        shared,
      )
    })
  }

  it('sees the processes of the host, and ends like any other', async () => {
    await node.createUntil(podManifest('host-pid', [staying('main')], { hostPID: true }), 'ready', isReady)
    const pod = await node.until('host-pid', 'ready', isReady)
    assert.equal(
      await node.exec(pod, 'main', 'cat', `/proc/${process.pid}/comm`),
      (await readFile('/proc/self/comm', 'utf8')).trim(),
    )
    await node.kubectl.run('delete', 'pod', 'host-pid', '--wait=false')
    const last = await node.untilGone('host-pid')
    assert.deepEqual(
      last.status?.containerStatuses?.map(({ state }) => state?.terminated?.exitCode),
      [0],
    )
  })

  it('finds in IPC what others on the host have put there', async () => {
    const [writer, reader] = await Promise.all(
      ['ipc-one', 'ipc-two'].map((name) =>
        node.createUntil(podManifest(name, [staying('main')], { hostIPC: true }), 'ready', isReady),
      ),
    )
    assert.ok(writer !== undefined && reader !== undefined)
    const file = `/dev/shm/${node.name}`
    await node.exec(writer, 'main', 'sh', '-c', `echo shared >${file}`)
    assert.equal(await node.exec(reader, 'main', 'cat', file), 'shared')
    await node.exec(reader, 'main', 'rm', file)
  })
})

describe('The hostname of a Pod', { concurrency: 4 }, () => {
  const reach = hasWrapper ? 'all of its containers' : 'itself alone, for want of the wrapper,'
  for (const spec of [{}, { hostPID: true }, { hostIPC: true }, { shareProcessNamespace: true }]) {
    it(`is changed for ${reach} by one that may, under ${JSON.stringify(spec)}`, async () => {
      const main = staying('main', { securityContext: { capabilities: { add: ['SYS_ADMIN'] } } })
      const name = `renamed-${Object.keys(spec)[0]?.toLowerCase() ?? 'plain'}`
      const pod = await node.createUntil(podManifest(name, [main, staying('other')], spec), 'ready', isReady)
      assert.equal(await node.exec(pod, 'other', 'hostname'), name)
      await node.exec(pod, 'main', 'hostname', 'renamed')
      assert.equal(await node.exec(pod, 'main', 'hostname'), 'renamed')
      assert.equal(await node.exec(pod, 'other', 'hostname'), hasWrapper ? 'renamed' : name)
    })
  }
})
