import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { NewPod } from '../../fakes/fake-api-server.ts'
import type { FakeDocker } from '../../fakes/fake-docker.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import type { NodeOptions } from '../../support/node-options.ts'

/** What happens to a Pod, step by step; the node settles after each. */
interface Life {
  readonly pod: Omit<NewPod, 'nodeName'>
  readonly node?: NodeOptions
  readonly before?: (node: NodeInMemory) => void
  readonly steps: readonly ((node: NodeInMemory) => void | Promise<void>)[]
}

/** Before a call to Docker, or a mount, takes effect; or after, while its answer is on its way, where it has changed something. */
type Moment = 'before' | 'after'

interface Kill {
  readonly moment: Moment
  /** At which such moment, counted from the creation of the Pod; the first is 1. */
  readonly number: number
  /** Whether the API server has got any status from the agent before it was killed. */
  readonly server: 'told' | 'untold'
}

interface Outcome {
  readonly containers: readonly string[]
  readonly status: unknown
  readonly folders: number
  /** What is mounted, by its place in the Pod's directory. */
  readonly mounts: readonly string[]
  /** How often each container was started. */
  readonly starts: Readonly<Record<string, number>>
  /** How many moments there were to kill the agent at. */
  readonly moments: Readonly<Record<Moment, number>>
}

/** Longer than any wait but for a crash loop: whatever is left to be done is done by then. */
const afterwardsMs = 15_000

/** Leads a Pod through its life, and kills the agent once in the middle. */
async function live(test: TestContext, { pod, node: options, before, steps }: Life, kill?: Kill): Promise<Outcome> {
  const moments = { before: 0, after: 0 }
  let isCounting = false
  const pass = (moment: Moment, self: NodeInMemory): void => {
    if (!isCounting) return
    moments[moment] += 1
    if (moment !== kill?.moment || moments[moment] !== kill.number) return
    isCounting = false
    self.kill()
  }
  const onCall: NodeOptions['onCall'] = (moment, _call, self) => pass(moment, self)
  await using node = await aNode(test, { ...options, onCall, onMount: pass })
  const starts = countStarts(node.docker)
  const release = kill?.server === 'untold' ? node.clusterGate.hold('patchPodStatus') : (): void => undefined
  const wait = (): Promise<void> => node.advance(afterwardsMs, 5000)
  before?.(node)
  isCounting = true
  for (const step of [() => void node.run(pod), ...steps, wait]) {
    await step(node)
    await node.settled()
    while (node.isDead) {
      release()
      await node.restart().catch(whenKilled)
    }
  }
  release()
  await wait()
  assert.equal(isCounting, kill === undefined)
  return {
    containers: node.containers.toSorted(),
    status: outlineOf(node.status('web')),
    folders: (await node.folders()).length,
    mounts: node.mounts.table.mounts
      .map(({ target }) => target.split('/pods/')[1]?.replace(/^[^/]*/u, '') ?? target)
      .toSorted(),
    starts: Object.fromEntries(starts),
    moments,
  }
}

/** An agent that is killed before it has begun tells of that. */
function whenKilled(error: unknown): void {
  if (!KubeletError.is(error, 'aborted')) throw error
}

/** Counts the starts of each container, and fails at the second instance that runs beside the first. */
function countStarts(docker: FakeDocker): ReadonlyMap<string, number> {
  const starts = new Map<string, number>()
  docker.listen((event) => {
    if (event.kind !== 'container' || event.action !== 'start') return
    const name = event.container.request.name.split('_')[1] ?? ''
    starts.set(name, (starts.get(name) ?? 0) + 1)
    const running = docker.containers.filter(
      (container) => container.running && container.request.name.split('_')[1] === name,
    )
    assert.equal(running.length, 1, `${name} runs twice`)
  })
  return starts
}

/** A status without ids and times. */
function outlineOf(status: PodStatus | undefined): unknown {
  if (status === undefined) return 'the object is gone'
  return {
    phase: status.phase,
    conditions: status.conditions?.map(({ type, status: value, reason }) => `${type} ${value} ${reason ?? ''}`),
    containers: status.containerStatuses?.map(({ name, state, lastState, restartCount, ready }) => {
      const ended = (of: typeof state): unknown => of?.terminated && `${of.terminated.exitCode} ${of.terminated.reason}`
      return { name, state: Object.keys(state ?? {}), ended: ended(state), last: ended(lastState), restartCount, ready }
    }),
  }
}

/** Leads the same life once undisturbed, and once for each moment at which the agent can be killed. */
async function endsTheSame(test: TestContext, life: Life): Promise<Outcome> {
  const undisturbed = await live(test, life)
  const { moments: count, ...expected } = undisturbed
  for (const server of ['told', 'untold'] as const) {
    for (const moment of ['before', 'after'] as const) {
      for (let number = 1; number <= count[moment]; number += 1) {
        const { moments: _, ...outcome } = await live(test, life, { moment, number, server })
        assert.deepEqual(outcome, expected, `killed ${moment} call ${number}, the server ${server}`)
      }
    }
  }
  return undisturbed
}

const never = { restartPolicy: 'Never' } as const

describe('an agent that is killed at any moment and started again', () => {
  it('brings a Pod up, each container once', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, containers: containersNamed('one', 'two') } },
      steps: [],
    })
    assert.deepEqual(containers, ['one 0 running', 'sandbox 0 running', 'two 0 running'])
    assert.deepEqual(starts, { POD: 1, one: 1, two: 1 })
  })

  it('runs a container of a Never Pod once, however short its life', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      node: { programs: { main: { kind: 'exits', exitCode: 0 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 exited', 'sandbox 0 exited'])
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('runs an init container once, and what comes after it once', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: {
        name: 'web',
        spec: { ...never, initContainers: containersNamed('setup'), containers: containersNamed('main') },
      },
      node: { programs: { setup: { kind: 'exits', exitCode: 0 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 running', 'sandbox 0 running', 'setup 0 exited'])
    assert.deepEqual(starts, { POD: 1, setup: 1, main: 1 })
  })

  it('runs an init container that fails once under Never, and nothing after it', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, initContainers: containersNamed('setup') } },
      node: { programs: { setup: { kind: 'exits', exitCode: 1 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['sandbox 0 exited', 'setup 0 exited'])
    assert.deepEqual(starts, { POD: 1, setup: 1 })
  })

  it('restarts a container that has ended once, with the next number', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      steps: [(node) => node.exit('main 0', 1)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.deepEqual(starts, { POD: 1, main: 2 })
  })

  it('ends a Pod that is deleted, and leaves nothing', async (t) => {
    const { containers, folders, status } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers: containersNamed('one', 'two') } },
      steps: [(node) => node.delete('web')],
    })
    assert.deepEqual({ containers, folders, status }, { containers: [], folders: 0, status: 'the object is gone' })
  })

  it('ends a Pod that has hooks, the start of one container behind the hook of another', async (t) => {
    const lifecycle = { postStart: { exec: { command: ['hello'] } }, preStop: { exec: { command: ['goodbye'] } } }
    const containers = [aContainer({ name: 'one', lifecycle }), aContainer({ name: 'two', lifecycle })]
    const {
      containers: left,
      folders,
      status,
      starts,
    } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers } },
      steps: [(node) => node.delete('web')],
    })
    assert.deepEqual({ left, folders, status }, { left: [], folders: 0, status: 'the object is gone' })
    assert.deepEqual(starts, { POD: 1, one: 1, two: 1 })
  })

  it('removes a Pod that has run to its end', async (t) => {
    const { containers, folders, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      steps: [(node) => node.exit('main 0', 0), (node) => node.delete('web')],
    })
    assert.deepEqual({ containers, folders }, { containers: [], folders: 0 })
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('replaces a sandbox that has died, and starts the containers in the new one', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      steps: [(node) => node.exit('sandbox 0', 137)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 1 running'])
    assert.deepEqual(starts, { POD: 2, main: 2 })
  })

  it('runs nothing of a Never Pod again whose sandbox has died', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      steps: [(node) => node.exit('sandbox 0', 137)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'sandbox 0 exited'])
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('ends a Pod whose object went while it was away', async (t) => {
    const { containers, folders } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers: containersNamed('one', 'two') } },
      steps: [
        (node) => {
          node.kill()
          node.server.deletePodGracefully('default', 'web', 0)
        },
      ],
    })
    assert.deepEqual({ containers, folders }, { containers: [], folders: 0 })
  })

  it('pulls an image, and again if it was killed over it', async (t) => {
    const { containers } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, containers: [aContainer({ image: 'far:1' })] } },
      before: (node) => node.docker.publish('far:1'),
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 running', 'sandbox 0 running'])
  })

  it('replaces a container whose image has changed', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      node: { images: ['busybox:1.36', 'busybox:1.37'] },
      steps: [
        (node) =>
          node.server.updatePod('default', 'web', { spec: { containers: [aContainer({ image: 'busybox:1.37' })] } }),
      ],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.deepEqual(starts, { POD: 1, main: 2 })
  })

  it('mounts what a Pod asks for once, and nothing is left of it when it is deleted, or over', async (t) => {
    const volumes = ['a', 'b'].map((name) => ({ name, emptyDir: { medium: 'Memory' } }))
    const volumeMounts = [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/b', subPath: 'part' },
    ]
    const pod = { name: 'web', spec: { ...never, volumes, containers: [aContainer({ volumeMounts })] } }
    const up = await endsTheSame(t, { pod, steps: [] })
    assert.deepEqual(up.mounts, [
      '/volume-subpaths/b/main/1',
      '/volumes/kubernetes.io~empty-dir/a',
      '/volumes/kubernetes.io~empty-dir/b',
    ])
    const over = await endsTheSame(t, { pod, steps: [(node) => node.exit('main 0', 0)] })
    assert.deepEqual([over.mounts, over.folders], [[], 1])
    const deleted = await endsTheSame(t, { pod, steps: [(node) => node.delete('web')] })
    assert.deepEqual([deleted.mounts, deleted.folders, deleted.status], [[], 0, 'the object is gone'])
  })
})
