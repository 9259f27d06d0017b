import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { labels } from '../../../src/model/labels.ts'
import type { FakeContainer } from '../../fakes/fake-container.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'

/** Each is a life of a node of its own. To look for trouble, raise it; a failure names its seed and what happened. */
const lives = 10
const stepsOfLife = 100
/** Longer than any wait that a life can bring about. */
const recoveryMs = 400_000

/** Numbers from 0 to 1, the same for the same seed. */
function aRandom(seed: number): () => number {
  let state = seed * 7919 + 13
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 2 ** 32
  }
}

/** What can happen to a node, its Pods, Docker and the API server, at random. */
class RandomLife {
  readonly steps: string[] = []
  readonly #node: NodeInMemory
  readonly #random: () => number
  readonly #releases: (() => void)[] = []
  #pods = 0

  constructor(node: NodeInMemory, seed: number) {
    this.#node = node
    this.#random = aRandom(seed)
  }

  async lead(): Promise<void> {
    const node = this.#node
    const events = Object.entries(this.#events())
    for (let step = 0; step < stepsOfLife; step += 1) {
      const [name, happen] = this.#one(events) ?? ['nothing', () => undefined]
      this.steps.push(name)
      await happen()
      if (this.#random() < 0.5) await node.settled()
      if (node.isDead && this.#random() < 0.7) await this.#revive()
    }
  }

  /** From now on nothing goes wrong any more, and there is time. */
  async recover(): Promise<void> {
    for (const release of this.#releases.splice(0)) release()
    this.#node.losesEvents = false
    await this.#revive()
    this.#node.docker.publish('far:1')
    this.#node.docker.reconnect()
    await this.#node.advance(recoveryMs, 5000)
  }

  async #revive(): Promise<void> {
    this.#node.engineGate.refuseAll(undefined)
    await this.#node.settled()
    if (this.#node.isDead) await this.#node.restart()
  }

  #events(): Readonly<Record<string, () => unknown>> {
    const node = this.#node
    const { server, docker, engineGate, clusterGate } = node
    const ofPods = (happen: (pod: Pod) => void) => () => this.#some(server.pods, happen)
    const failure = (): KubeletError =>
      new KubeletError(this.#one(['internal', 'unavailable', 'invalid'] as const) ?? 'internal', 'No luck')
    const create = (): unknown => server.createPod(this.#newPod())
    return {
      create,
      'create another': create,
      'create a third': create,
      delete: ofPods(({ metadata }) =>
        server.deletePodGracefully('default', metadata.name, this.#one([undefined, 5, 0])),
      ),
      update: ofPods(({ metadata, spec }) => {
        const containers = spec.containers.map((container) => ({ ...container, image: 'busybox:1.37' }))
        if (spec.restartPolicy === 'Always') server.updatePod('default', metadata.name, { spec: { containers } })
      }),
      'write over': ofPods(({ metadata, status }) => {
        if (status?.phase === 'Running') server.updatePod('default', metadata.name, { status: { phase: 'Pending' } })
      }),
      exit: () =>
        this.#some(
          docker.containers.filter(({ running }) => running),
          ({ id }) => docker.exit(id, { exitCode: this.#one([0, 1]) ?? 0 }),
        ),
      kill: () => node.kill(),
      'lose Docker': () => engineGate.refuseAll(new KubeletError('unavailable', 'Docker is away')),
      'find Docker': () => {
        engineGate.refuseAll(undefined)
        docker.reconnect()
      },
      'lose events': () => (node.losesEvents = true),
      'hear events': () => {
        node.losesEvents = false
        docker.reconnect()
      },
      'end the watch': () => server.watches.end('quiet'),
      publish: () => docker.publish('far:1'),
      'slow Docker': () =>
        this.#releases.push(
          engineGate.hold(this.#one(['create', 'start', 'stop', 'remove', 'inspect', 'pullImage']) ?? 'create'),
        ),
      'slow server': () =>
        this.#releases.push(clusterGate.hold(this.#one(['patchPodStatus', 'deletePod']) ?? 'deletePod')),
      hurry: () => {
        for (const release of this.#releases.splice(0)) release()
      },
      'fail in Docker': () =>
        node.engine.failNext(
          this.#one(['create', 'start', 'stop', 'remove', 'inspect', 'inspectImage']) ?? 'create',
          failure(),
        ),
      'fail in the server': () =>
        node.cluster.failNext(
          this.#one(['patchPodStatus', 'deletePod']) ?? 'deletePod',
          new KubeletError('unavailable', 'No luck'),
        ),
      wait: () => node.advance(this.#one([1000, 5000, 15_000, 70_000]) ?? 0),
    }
  }

  #newPod(): Parameters<NodeInMemory['server']['createPod']>[0] {
    this.#pods += 1
    const containers = this.#one([
      containersNamed('main'),
      containersNamed('one', 'two'),
      [aContainer({ image: 'far:1' })],
    ])
    const initContainers = this.#one([[], containersNamed('setup')])
    const restartPolicy = this.#one(['Always', 'OnFailure', 'Never']) ?? 'Always'
    const spec = { restartPolicy, containers: containers ?? [], initContainers: initContainers ?? [] }
    return { name: `web-${this.#pods}`, nodeName: this.#node.nodeName, spec }
  }

  #one<T>(items: readonly T[]): T | undefined {
    return items[Math.floor(this.#random() * items.length)]
  }

  #some<T>(items: readonly T[], happen: (item: T) => void): void {
    const item = this.#one(items)
    if (item !== undefined) happen(item)
  }
}

function nameOf({ request }: FakeContainer): string {
  const { Labels: own } = request.body
  return `${own[labels.podUid]} ${own[labels.containerName]}`
}

/** Counts starts by Pod and container, and fails at the second instance that runs beside the first. */
function countStarts({ docker }: NodeInMemory): ReadonlyMap<string, number> {
  const starts = new Map<string, number>()
  docker.listen((event) => {
    if (event.kind !== 'container' || event.action !== 'start') return
    const name = nameOf(event.container)
    starts.set(name, (starts.get(name) ?? 0) + 1)
    assert.equal(
      docker.containers.filter((other) => other.running && nameOf(other) === name).length,
      1,
      `${name} runs twice`,
    )
  })
  return starts
}

/** The Pod has come to what it was asked to be, and its status says what Docker says. */
function assertSettled({ docker }: NodeInMemory, { metadata, spec, status }: Pod): void {
  const { containerStatuses = [], phase } = status ?? {}
  const running = docker.containers.filter(
    (container) => container.running && nameOf(container).startsWith(metadata.uid),
  )
  const toldToRun = containerStatuses.filter(({ state }) => state?.running).length
  assert.equal(metadata.deletionTimestamp, undefined, `${metadata.name} is not gone`)
  assert.equal(running.length, toldToRun === 0 ? 0 : toldToRun + 1, `${metadata.name} runs otherwise than it says`)
  const expected = toldToRun > 0 ? ['Running'] : ['Succeeded', 'Failed']
  assert.ok(expected.includes(phase ?? ''), `${metadata.name} is ${phase}`)
  if (spec.restartPolicy === 'Always') assert.equal(toldToRun, spec.containers.length)
}

describe('a node on which anything may happen', () => {
  for (let seed = 1; seed <= lives; seed += 1) {
    it(`has its Pods as they should be when that is over, seed ${seed}`, async (t) => {
      await using node = await aNode(t, {
        images: ['busybox:1.36', 'busybox:1.37'],
        programs: { setup: { kind: 'exits', exitCode: seed % 2 } },
        maxCrashLoopMs: 20_000,
      })
      const starts = countStarts(node)
      const life = new RandomLife(node, seed)
      try {
        await life.lead()
        const never = node.server.pods
          .filter(({ spec }) => spec.restartPolicy === 'Never')
          .map(({ metadata }) => metadata.uid)
        node.programs.set('setup', { kind: 'exits', exitCode: 0 })
        await life.recover()
        for (const pod of node.server.pods) assertSettled(node, pod)
        for (const [name, count] of starts) {
          // What has succeeded in a sandbox that died is done again in the next.
          const mayRepeat = name.endsWith(' POD') || (name.endsWith(' setup') && seed % 2 === 0)
          const isOnce = never.some((uid) => name.startsWith(uid)) && !mayRepeat
          assert.ok(count === 1 || !isOnce, `${name} was started ${count} times`)
        }
        const asked = node.cluster.calls.length
        node.takeCalls()
        await node.advance(300_000, 5000)
        assert.deepEqual(new Set(node.takeCalls()), new Set(['list']))
        assert.equal(node.cluster.calls.length, asked)
        for (const { metadata } of node.server.pods) node.server.deletePodGracefully('default', metadata.name)
        await node.advance(30_000)
        assert.deepEqual([node.containers, await node.folders(), node.server.pods], [[], [], []])
        const removed = node.takeEvents().flatMap(({ kind, pod }) => (kind === 'pod-removed' ? [pod.uid] : []))
        assert.equal(new Set(removed).size, removed.length, 'a Pod was removed twice')
      } catch (error) {
        throw new Error(`After ${life.steps.join(', ')}`, { cause: error })
      }
    })
  }
})
