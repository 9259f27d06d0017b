import assert from 'node:assert/strict'
import type { MockTracker } from 'node:test'
import { life as anyLife, type Step } from './happening.ts'
import { maxCrashLoopMs, NodeLife } from './node-life.ts'
import { backingOff, checkRest } from './rest.ts'
import type { Property } from './runs.ts'

/** Longer than any wait that a life can bring about: the longest is between two pulls of an image. */
const recoveryMs = 330_000
/** Shorter than the time after which the agent looks at everything once more. */
const restMs = 55_000

/** How far a life came before something was wrong with it. */
type Stage = 'life' | 'rest'

/** Leads a life; throws with its diary where something is not as it must be. `upTo` leaves out what comes after a life. */
async function lead(mock: MockTracker, steps: readonly Step[], upTo: Stage): Promise<void> {
  await using life = await NodeLife.begin(mock)
  const { node, clock } = life
  const timersAtFirst = clock.size
  let stage: Stage = 'life'
  try {
    for (const step of steps) await life.take(step)
    if (upTo === 'life') return
    stage = 'rest'
    await life.recover()
    await life.pass(1000)
    const waiting = backingOff(life)
    await life.pass(maxCrashLoopMs)
    const late = [...backingOff(life)].filter((each) => waiting.has(each))
    assert.deepEqual(late, [], 'what waits is started as soon as it may be')
    do await life.pass(recoveryMs)
    while (life.finishInitContainers())
    checkRest(life)

    const asked = node.cluster.calls.length
    node.takeCalls()
    await life.pass(restMs)
    assert.deepEqual(
      node.takeCalls().filter((call) => call !== 'list' && !call.startsWith('exec ')),
      [],
      'Docker is asked although nothing happens',
    )
    assert.deepEqual(node.cluster.calls.slice(asked), [], 'the API server is asked although nothing happens')

    for (const { metadata } of node.server.pods) node.server.deletePodGracefully('default', metadata.name)
    await life.pass(60_000)
    const names = node.server.pods.map(({ metadata }) => metadata.name)
    assert.deepEqual([node.containers, await node.folders(), names], [[], [], []], 'a deleted Pod leaves something')
    assert.deepEqual(node.registry.pods(), [], 'the registry remembers a Pod that is gone')
    assert.equal(clock.size, timersAtFirst, 'a timer of a Pod that is gone still runs')
  } catch (error) {
    throw new LifeError(stage, `${String(error)}\n${life.diary.join('\n')}`)
  }
}

class LifeError extends Error {
  readonly stage: Stage

  constructor(stage: Stage, message: string) {
    super(message)
    this.stage = stage
  }
}

/** A node on which anything may happen has its Pods as they should be at every step, and when that is over. */
export function agentProperty(mock: MockTracker): Property<readonly Step[]> {
  // Whoever looks for a shorter life in which something goes wrong need not look at what comes after it.
  let upTo: Stage = 'rest'
  const holds = async (steps: readonly Step[]): Promise<void> => {
    try {
      await lead(mock, steps, upTo)
    } catch (error) {
      if (error instanceof LifeError) upTo = error.stage
      throw error
    }
  }
  return { values: anyLife, holds, usualRuns: 80, shrinkTries: 400 }
}
