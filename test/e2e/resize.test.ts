/**
 * Pods that ask for something else while they run, on a server that lets them (1.33 and later; containers that run to their
 * end and Pods as a whole 1.36), checked in the containers' and the Pods' cgroups; and what an older server sees of it.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, KubeNode, Pod, PodSpec } from '../../src/model/kube.ts'
import { allContainerStatuses } from '../../src/model/pod.ts'
import { docker } from '../support/command.ts'
import { cgroupValue } from '../support/pod-cgroups.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const minor = await node.kubectl.serverMinor()

type Resources = NonNullable<ContainerSpec['resources']>

/** Requests and limits alike. */
function both(cpu: string, memory: string): Resources {
  return { requests: { cpu, memory }, limits: { cpu, memory } }
}

function having(resources: Resources, name = 'main', change: Partial<ContainerSpec> = {}): ContainerSpec {
  return staying(name, { resources, ...change })
}

/** A user asks for something else. */
async function resize(name: string, spec: Partial<PodSpec>, on = node): Promise<void> {
  const patch = JSON.stringify({ spec })
  await on.kubectl.run('patch', 'pod', name, '--subresource=resize', '--type=strategic', `--patch=${patch}`)
}

/** What the status says of a container: what it was given, and what it has. */
function shown(pod: Pod, container = 'main'): object {
  const { resources, allocatedResources } =
    allContainerStatuses(pod.status).find(({ name }) => name === container) ?? {}
  return { resources, allocatedResources }
}

/** The Pod has all that was asked for in this generation, and nothing of that is under way. */
function hasResized(generation: number): (pod: Pod) => boolean {
  return (pod) => pod.status?.observedGeneration === generation && isReady(pod) && resizeConditions(pod).length === 0
}

function resizeConditions({ status }: Pod): readonly { readonly type: string; readonly reason?: string }[] {
  return (status?.conditions ?? []).filter(({ type }) => type.startsWith('PodResize'))
}

/** Shares, quota and memory of a container as it sees them itself. */
async function seenInside(pod: Pod, container = 'main'): Promise<readonly string[]> {
  const id = allContainerStatuses(pod.status).find(({ name }) => name === container)?.containerID ?? ''
  const files = ['cpu/cpu.shares', 'cpu/cpu.cfs_quota_us', 'memory/memory.limit_in_bytes']
  const text = await docker(
    'exec',
    id.replace('docker://', ''),
    'cat',
    ...files.map((file) => `/sys/fs/cgroup/${file}`),
  )
  return text.split('\n')
}

/** The same of the cgroup of the Pod as a whole. */
async function seenOutside(pod: Pod): Promise<readonly string[]> {
  const qos = pod.status?.qosClass === 'Guaranteed' ? '' : 'burstable/'
  const cgroup = `/kubepods/${qos}pod${pod.metadata.uid}`
  return Promise.all([
    cgroupValue('cpu', cgroup, 'cpu.shares'),
    cgroupValue('cpu', cgroup, 'cpu.cfs_quota_us'),
    cgroupValue('memory', cgroup, 'memory.limit_in_bytes'),
  ])
}

const mebibyte = 1024 ** 2

/** What is seen of so many thousandths of a CPU and so many MiB. */
function amounts(milli: number, mebibytes: number): readonly string[] {
  return [Math.floor((milli * 1024) / 1000), milli * 100, mebibytes * mebibyte].map(String)
}

if (minor >= 36) {
  describe('A Pod that asks for something else while it runs', { concurrency: 4 }, () => {
    it('grows and shrinks in place, its cgroup with it', async () => {
      const pod = await node.createUntil(
        podManifest('grows', [having(both('100m', '64Mi')), having(both('50m', '32Mi'), 'side')]),
        'ready',
        isReady,
      )
      assert.deepEqual(shown(pod), {
        resources: both('100m', '64Mi'),
        allocatedResources: both('100m', '64Mi').requests,
      })
      await resize('grows', { containers: [{ name: 'main', resources: both('200m', '128Mi') }] })
      const larger = await node.until('grows', 'grown', hasResized(2))
      assert.deepEqual(await seenInside(larger), amounts(200, 128))
      assert.deepEqual(await seenOutside(larger), amounts(250, 160))
      assert.deepEqual(shown(larger), {
        resources: both('200m', '128Mi'),
        allocatedResources: both('200m', '128Mi').requests,
      })
      const mixed = [
        { name: 'main', resources: both('50m', '32Mi') },
        { name: 'side', resources: both('100m', '48Mi') },
      ]
      await resize('grows', { containers: mixed })
      const smaller = await node.until('grows', 'shrunk', hasResized(3))
      assert.deepEqual(await seenInside(smaller), amounts(50, 32))
      assert.deepEqual(await seenInside(smaller, 'side'), amounts(100, 48))
      assert.deepEqual(await seenOutside(smaller), amounts(150, 80))
      const { resources, allocatedResources } = smaller.status ?? {}
      assert.deepEqual(
        { resources, allocatedResources },
        {
          resources: both('150m', '80Mi'),
          allocatedResources: both('150m', '80Mi').requests,
        },
      )
      assert.deepEqual(
        allContainerStatuses(smaller.status).map(({ restartCount }) => restartCount),
        [0, 0],
      )
    })

    it('tells of its beginning and of its end', async () => {
      await node.createUntil(podManifest('told', [having(both('100m', '64Mi'))]), 'ready', isReady)
      await resize('told', { containers: [{ name: 'main', resources: both('150m', '64Mi') }] })
      const json =
        '{"containers":[{"name":"main","resources":{"limits":{"cpu":"150m","memory":"64Mi"},' +
        '"requests":{"cpu":"150m","memory":"64Mi"}}}],"generation":2}'
      await node.untilEvent('told', 'ResizeStarted', `Pod resize started: ${json}`)
      await node.untilEvent('told', 'ResizeCompleted', `Pod resize completed: ${json}`)
    })

    it('gets limits for what had none, where it stays Burstable', async () => {
      const containers = [having({ requests: { cpu: '50m' } }), having({ requests: { memory: '32Mi' } }, 'side')]
      await node.createUntil(podManifest('limited', containers), 'ready', isReady)
      await resize('limited', {
        containers: [
          { name: 'main', resources: { requests: { cpu: '60m' }, limits: { cpu: '100m' } } },
          { name: 'side', resources: { requests: { cpu: '70m', memory: '16Mi' }, limits: { memory: '64Mi' } } },
        ],
      })
      const pod = await node.until('limited', 'resized', hasResized(2))
      const [shares, quota] = await seenInside(pod)
      assert.deepEqual([shares, quota], ['61', '10000'])
      const side = await seenInside(pod, 'side')
      assert.deepEqual(side, ['71', '-1', String(64 * mebibyte)])
      assert.deepEqual(shown(pod, 'side'), {
        resources: { requests: { cpu: '70m', memory: '16Mi' }, limits: { memory: '64Mi' } },
        allocatedResources: { cpu: '70m', memory: '16Mi' },
      })
    })

    it('starts a container anew whose policy wants that, and no other', async () => {
      const resizePolicy = [
        { resourceName: 'cpu', restartPolicy: 'NotRequired' },
        { resourceName: 'memory', restartPolicy: 'RestartContainer' },
      ]
      const containers = [having(both('100m', '64Mi'), 'main', { resizePolicy }), having(both('100m', '64Mi'), 'side')]
      await node.createUntil(podManifest('restarted', containers), 'ready', isReady)
      const change = (cpu: string, memory: string): Partial<PodSpec> => ({
        containers: [
          { name: 'main', resources: both(cpu, memory) },
          { name: 'side', resources: both(cpu, memory) },
        ],
      })
      await resize('restarted', change('150m', '64Mi'))
      const first = await node.until('restarted', 'with more CPU', hasResized(2))
      assert.deepEqual(await seenInside(first), amounts(150, 64))
      await resize('restarted', change('150m', '96Mi'))
      const pod = await node.until('restarted', 'with more memory', hasResized(3))
      await node.untilEvent('restarted', 'Killing', 'Container main resize requires restart')
      const counts = allContainerStatuses(pod.status).map(({ name, restartCount }) => [name, restartCount])
      assert.deepEqual(counts, [
        ['main', 1],
        ['side', 0],
      ])
      assert.deepEqual(await seenInside(pod), amounts(150, 96))
      assert.deepEqual(await seenOutside(pod), amounts(300, 192))
    })

    it('keeps what it has where it would have less memory than it uses, and says so until it asks for enough', async () => {
      await node.createUntil(podManifest('below', [having(both('100m', '64Mi'))]), 'ready', isReady)
      await resize('below', { containers: [{ name: 'main', resources: both('100m', '10Ki') }] })
      const stuck = await node.until('below', 'with an error', (pod) =>
        resizeConditions(pod).some(({ reason }) => reason === 'Error'),
      )
      const [condition] = (stuck.status?.conditions ?? []).filter(({ type }) => type === 'PodResizeInProgress')
      const text =
        /^cannot decrease memory limits: \[attempting to set pod memory limit \(10240\) below current usage \(\d+\), attempting to set container "main" memory limit \(10240\) below current usage \(\d+\)\]$/u
      assert.match(condition?.message ?? '', text)
      assert.deepEqual(await seenInside(stuck), amounts(100, 64))
      assert.deepEqual(shown(stuck), {
        resources: { requests: both('100m', '64Mi').requests, limits: both('100m', '64Mi').limits },
        allocatedResources: both('100m', '10Ki').requests,
      })
      await node.untilEvent('below', 'ResizeError', 'Pod resize error: ')
      await resize('below', { containers: [{ name: 'main', resources: both('100m', '48Mi') }] })
      const pod = await node.until('below', 'resized', hasResized(3))
      assert.deepEqual(await seenInside(pod), amounts(100, 48))
    })

    it('is given more as a whole, and its containers without limits with it', async () => {
      const containers = [having({}), having(both('50m', '16Mi'), 'side')]
      const change = { resources: both('200m', '96Mi') }
      const before = await node.createUntil(podManifest('whole', containers, change), 'ready', isReady)
      assert.deepEqual((await seenInside(before)).slice(1), amounts(200, 96).slice(1))
      await resize('whole', { resources: both('300m', '128Mi') })
      const pod = await node.until('whole', 'resized', hasResized(2))
      assert.deepEqual((await seenInside(pod)).slice(1), amounts(300, 128).slice(1))
      assert.deepEqual(await seenInside(pod, 'side'), amounts(50, 16))
      assert.deepEqual(await seenOutside(pod), amounts(300, 128))
      assert.deepEqual(pod.status?.resources, both('300m', '128Mi'))
      assert.deepEqual(shown(pod), { resources: {}, allocatedResources: undefined })
    })

    it('is given more for its sidecar, and for an init container while that runs', async () => {
      const initContainers = [
        having(both('50m', '32Mi'), 'proxy', { restartPolicy: 'Always' }),
        having(both('50m', '32Mi'), 'init'),
      ]
      await node.create(podManifest('init', [having(both('50m', '32Mi'))], { initContainers }))
      const isUp = (pod: Pod): boolean =>
        pod.status?.initContainerStatuses?.every(({ state }) => state?.running !== undefined) === true
      await node.until('init', 'initialising', isUp)
      const grown = ['proxy', 'init'].map((name) => ({ name, resources: both('80m', '48Mi') }))
      await resize('init', { initContainers: grown })
      const pod = await node.until(
        'init',
        'resized',
        (now) => now.status?.observedGeneration === 2 && isUp(now) && resizeConditions(now).length === 0,
      )
      assert.deepEqual(await seenInside(pod, 'proxy'), amounts(80, 48))
      assert.deepEqual(await seenInside(pod, 'init'), amounts(80, 48))
      assert.deepEqual(shown(pod, 'init'), {
        resources: both('80m', '48Mi'),
        allocatedResources: both('80m', '48Mi').requests,
      })
    })
  })

  describe('A Pod that asks for more than the node has left', () => {
    it('waits until another has gone, over a kill -9 of the agent, and then gets it', async () => {
      await using node = await TestNode.start()
      await node.createUntil(podManifest('small', [having({ requests: { cpu: '10m' } })]), 'ready', isReady)
      const { status } = await node.kubectl.get<KubeNode>('node', node.name)
      const milli = Math.floor(Number(status?.allocatable?.['cpu'] ?? '0') * 1000)
      assert.ok(milli > 0)
      const most = `${Math.floor(milli * 0.6)}m`
      await node.createUntil(podManifest('big', [having({ requests: { cpu: most } })]), 'ready', isReady)
      await resize('small', { containers: [{ name: 'main', resources: { requests: { cpu: most } } }] }, node)
      const isDeferred = (pod: Pod): boolean => resizeConditions(pod).some(({ reason }) => reason === 'Deferred')
      const waiting = await node.until('small', 'deferred', isDeferred)
      const [pending] = (waiting.status?.conditions ?? []).filter(({ type }) => type === 'PodResizePending')
      assert.match(
        pending?.message ?? '',
        /^Node didn't have enough resource: cpu, requested: \d+, used: \d+, capacity: \d+$/u,
      )
      await node.untilEvent('small', 'ResizeDeferred', 'Pod resize OutOfcpu: {"containers":')
      assert.deepEqual(shown(waiting), { resources: { requests: { cpu: '10m' } }, allocatedResources: { cpu: '10m' } })
      await node.agent.kill()
      node.restartAgent()
      await node.kubectl.run('delete', 'pod', 'big', '--wait=false')
      const pod = await node.until('small', 'resized', hasResized(2))
      assert.deepEqual(shown(pod), { resources: { requests: { cpu: most } }, allocatedResources: { cpu: most } })
      const events = node.events.items.filter(({ object }) => object.reason === 'ResizeDeferred')
      assert.equal(events.length, 1, 'a new agent does not tell it again')
    })
  })
}

describe(`A server of Kubernetes 1.${minor}`, () => {
  it('is told what containers have, whether it keeps that or not, and refuses nothing', async () => {
    const pod = await node.createUntil(podManifest('plain', [having(both('100m', '64Mi'))]), 'ready', isReady)
    const kept = { resources: both('100m', '64Mi'), allocatedResources: both('100m', '64Mi').requests }
    const nothing = { resources: undefined, allocatedResources: undefined }
    assert.deepEqual(shown(pod), minor >= 33 ? kept : nothing)
    const refused = node.agent.log.items.filter((line) => JSON.stringify(line).includes('refused the status'))
    assert.deepEqual(refused, [])
    assert.deepEqual(resizeConditions(pod), [])
  })
})
