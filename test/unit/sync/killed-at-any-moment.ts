import assert from 'node:assert/strict'
import type { TestContext } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { NewPod } from '../../fakes/fake-api-server.ts'
import type { FakeDocker } from '../../fakes/fake-docker.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import type { NodeOptions } from '../../support/node-options.ts'

/** What happens to a Pod, step by step; the node settles after each. */
interface Life {
  readonly pod: Omit<NewPod, 'nodeName'>
  readonly node?: NodeOptions
  readonly before?: (node: NodeInMemory) => void
  readonly steps: readonly ((node: NodeInMemory) => void | Promise<void>)[]
}

/**
 * Before a call to Docker, or a mount, takes effect; or after, while its answer is on its way,
 * where it has changed something.
 */
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
  /** Images that Docker keeps for volumes. */
  readonly held: number
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
    held: node.docker.holds.names.length,
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
export async function endsTheSame(test: TestContext, life: Life): Promise<Outcome> {
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
