import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { EngineSummary } from '../../../src/engine/engine.ts'
import { containerId, podUid, type ContainerId } from '../../../src/model/ids.ts'
import type { ObservedObject } from '../../../src/model/observed.ts'
import { ObservedPods } from '../../../src/sync/observed-pods.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'
import { anObservedContainer, anObservedSandbox, created, exited, running } from '../../builders/observed.ts'
import { aPodUid } from '../../builders/pod.ts'
import { quiet } from '../../support/quiet.ts'

const uid = podUid(aPodUid)
const signal = new AbortController().signal
const main = anObservedContainer({ state: created })

/** Docker as the test wants it to look. */
class LookedAtEngine extends FakeEngine {
  readonly looks: string[] = []
  readonly shown = new Map<ContainerId, ObservedObject>()
  #held: PromiseWithResolvers<void> | undefined

  constructor() {
    super({ docker: new FakeDocker(), nodeName: 'node-1' })
  }

  override async inspect(id: ContainerId): Promise<ObservedObject | undefined> {
    this.looks.push(id)
    const object = this.shown.get(id)
    await this.#held?.promise
    return object
  }

  /** Docker has looked, and its answers are on their way until the returned function is called. */
  hold(): () => void {
    const held = Promise.withResolvers<void>()
    this.#held = held
    return () => {
      this.#held = undefined
      held.resolve()
    }
  }
}

interface Bed {
  readonly engine: LookedAtEngine
  readonly observed: ObservedPods
}

function aBed(): Bed {
  const engine = new LookedAtEngine()
  return { engine, observed: new ObservedPods(engine) }
}

function summary(object: ObservedObject): EngineSummary {
  return { id: object.id, owner: object.owner, phase: object.state.phase }
}

describe('what is observed of a Pod', () => {
  it('is nothing, and asks nothing, for one that nobody has heard of', async () => {
    const { observed, engine } = aBed()
    assert.deepEqual(await observed.refresh(uid, signal), { uid, sandboxes: [], containers: [] })
    assert.deepEqual(engine.looks, [])
    assert.deepEqual(observed.uids(), [])
  })

  it('is what was put there first hand, without a look', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    assert.deepEqual((await observed.refresh(uid, signal)).containers, [main])
    assert.deepEqual(engine.looks, [])
  })

  it('is looked at once for each thing that may have changed', async () => {
    const { observed, engine } = aBed()
    const sandbox = anObservedSandbox()
    for (const object of [main, sandbox]) observed.put(object)
    const after = { ...main, state: running }
    engine.shown.set(main.id, after)
    observed.markStale(uid, main.id)
    assert.deepEqual((await observed.refresh(uid, signal)).containers, [after])
    await observed.refresh(uid, signal)
    assert.deepEqual(engine.looks, [main.id])
  })

  it('lists the newest first: the higher attempt, then what was made later', () => {
    const { observed } = aBed()
    const objects = [
      anObservedContainer({ id: containerId('a'), attempt: 1 }),
      anObservedContainer({ id: containerId('b'), attempt: 2, createdAtMs: 5 }),
      anObservedContainer({ id: containerId('c'), attempt: 2, createdAtMs: 6 }),
    ]
    for (const object of objects) observed.put(object)
    assert.deepEqual(
      observed.get(uid).containers.map(({ id }) => id),
      ['c', 'b', 'a'],
    )
  })

  it('forgets what Docker does not have any more, and the Pod with the last of it', async () => {
    const { observed } = aBed()
    observed.put(main)
    observed.markStale(uid, main.id)
    assert.deepEqual((await observed.refresh(uid, signal)).containers, [])
    assert.deepEqual(observed.uids(), [])
  })
})

describe('a look that was under way when something changed', () => {
  it('is followed by another', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    engine.shown.set(main.id, main)
    observed.markStale(uid, main.id)
    const release = engine.hold()
    const looking = observed.refresh(uid, signal)
    observed.markStale(uid, main.id)
    release()
    await looking
    await observed.refresh(uid, signal)
    assert.deepEqual(engine.looks, [main.id, main.id])
  })

  it('is enough when it has found what the change was said to be', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    engine.shown.set(main.id, { ...main, state: running })
    observed.markStale(uid, main.id)
    const release = engine.hold()
    const looking = observed.refresh(uid, signal)
    observed.markStale(uid, main.id, 'running')
    release()
    await looking
    await observed.refresh(uid, signal)
    assert.deepEqual(engine.looks, [main.id])
  })

  it('is not enough when it has found what was before that', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    engine.shown.set(main.id, { ...main, state: running })
    observed.markStale(uid, main.id, 'running')
    const release = engine.hold()
    const looking = observed.refresh(uid, signal)
    observed.markStale(uid, main.id, 'exited')
    release()
    await looking
    engine.shown.set(main.id, { ...main, state: exited() })
    const { containers } = await observed.refresh(uid, signal)
    assert.deepEqual(containers[0]?.state, exited())
  })

  it('does not bring back what was dropped meanwhile', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    engine.shown.set(main.id, main)
    observed.markStale(uid, main.id)
    const release = engine.hold()
    const looking = observed.refresh(uid, signal)
    observed.drop(uid, main.id)
    release()
    await looking
    await quiet()
    assert.deepEqual(observed.get(uid).containers, [])
  })
})

describe('a list of everything', () => {
  it('asks for no look at what is as it was', () => {
    const { observed } = aBed()
    observed.put(main)
    assert.deepEqual(observed.applyList([summary(main)], observed.ids()), new Set())
  })

  it('asks for no look at what could not be started, which it shows as created', () => {
    const { observed } = aBed()
    const failed = { ...main, state: exited({ exitCode: 127, cannotRun: true }) }
    observed.put(failed)
    assert.deepEqual(observed.applyList([{ ...summary(failed), phase: 'created' }], observed.ids()), new Set())
  })

  it('asks for a look at what is new or in another phase, and names its Pods', async () => {
    const { observed, engine } = aBed()
    observed.put(main)
    const other = anObservedSandbox({ owner: { ...main.owner, podUid: podUid('other') } })
    const changed = observed.applyList([{ ...summary(main), phase: 'exited' }, summary(other)], observed.ids())
    assert.deepEqual(changed, new Set([uid, 'other']))
    assert.deepEqual(new Set(observed.uids()), changed)
    await observed.refresh(uid, signal)
    assert.deepEqual(engine.looks, [main.id])
  })

  it('drops what is not in it', () => {
    const { observed } = aBed()
    observed.put(main)
    assert.deepEqual(observed.applyList([], observed.ids()), new Set([uid]))
    assert.deepEqual(observed.uids(), [])
  })

  it('keeps what was made after it was asked for', () => {
    const { observed } = aBed()
    const known = observed.ids()
    observed.put(main)
    assert.deepEqual(observed.applyList([], known), new Set())
    assert.deepEqual(observed.get(uid).containers, [main])
  })
})
