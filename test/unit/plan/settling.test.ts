/**
 * Whatever Docker holds and whatever goes wrong, doing what the plan says, again and again, brings a Pod to where it
 * should be. Random Pods on a tiny model of Docker that refuses what must never happen; a failure names its seed.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerHash } from '../../../src/model/container-hash.ts'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { ObservedPod } from '../../../src/model/observed.ts'
import { policyRestarts } from '../../../src/model/restart-policy.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import { decideContainer, vanishedForGood } from '../../../src/plan/restart-decision.ts'
import { computeTerminationActions } from '../../../src/plan/terminate-pod.ts'
import { waitingReasons } from '../../../src/plan/waiting-reasons.ts'
import { previousContainerStatus } from '../../../src/status/container-status.ts'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedSandbox, created, exited, running } from '../../builders/observed.ts'
import { aPod, containersNamed } from '../../builders/pod.ts'
import { Random } from '../../builders/random.ts'
import { DockerModel } from './docker-model.ts'

const runs = 1000
const names = ['a', 'b', 'c', 'd']
const policies = ['Always', 'OnFailure', 'Never']

/** A Pod with one to four containers, and a Docker that knows nothing of it. */
function aModel(random: Random, mishaps: number): DockerModel {
  const restartPolicy = random.pick(policies) ?? 'Always'
  const containers = containersNamed(...names.slice(0, 1 + random.below(names.length))).map((container) => ({
    ...container,
    ...(random.chance(0.2) ? { restartPolicy: random.pick(policies) ?? 'Always' } : {}),
  }))
  return new DockerModel(
    aPod({ spec: { containers, restartPolicy, hostNetwork: random.chance(0.2) } }),
    random,
    mishaps,
  )
}

/** Up to three sandboxes and three instances of each container in any state, as if other agents had left them. */
function addHistory(model: DockerModel, random: Random): void {
  for (let attempt = 0, count = random.below(4); attempt < count; attempt++) {
    const state = random.pick([created, running, exited()]) ?? created
    const ips = state.phase === 'running' && random.chance(0.8) ? ['10.1.0.9'] : []
    const hostNetwork = random.chance(0.1) !== (model.pod.spec.hostNetwork === true)
    model.add(anObservedSandbox({ id: model.newId('sandbox'), attempt, state, ips, hostNetwork }))
  }
  const newestId = model.sandboxes.at(-1)?.id
  for (const container of model.pod.spec.containers) {
    for (let attempt = 0, count = random.below(4); attempt < count; attempt++) {
      const state = random.pick([created, running, exited(), exited({ exitCode: 1 })]) ?? created
      const sandboxId = (state.phase === 'running' ? newestId : random.pick(model.sandboxes)?.id) ?? model.newId('lost')
      const hash = random.chance(0.8) ? containerHash(container) : 'older'
      const { name } = container
      model.add(anObservedContainer({ id: model.newId(name), name, attempt, sandboxId, hash, state }))
    }
  }
  model.learnHistory()
}

/** Something happens that nobody planned. */
function disturb(model: DockerModel, random: Random): void {
  model.mishaps -= 1
  const container = random.pick(model.containers)
  const sandbox = random.pick(model.sandboxes)
  const name = random.pick(model.pod.spec.containers)?.name ?? ''
  switch (random.below(8)) {
    case 0:
    case 1:
      if (container?.state.phase === 'running') model.endContainer(container, random.below(2))
      return
    case 2:
      if (sandbox?.state.phase === 'running') model.endSandbox(sandbox)
      return
    case 3:
      // With those before it: what is left behind a newest instance that only a status tells of is believed.
      for (const each of model.containers) {
        const goes = each.name === container?.name && each.attempt <= container.attempt
        if (goes && (each === container || each.state.phase !== 'running')) model.removeRecord(each)
      }
      return
    case 4:
      if (sandbox !== undefined) model.removeRecord(sandbox)
      return
    case 5:
      return model.redefine(name, `image:${random.below(1000)}`)
    case 6:
      if (container?.state.phase === 'exited' && model.isAlive(container.sandboxId)) model.startByHand(container)
      return
    default:
      return model.forgetEverything()
  }
}

/** What must be true of every plan, whatever it is for. */
function checkPlan(model: DockerModel, observed: ObservedPod, facts: PodFacts, actions: readonly PodAction[]): void {
  const ids = actions.flatMap((action) => ('id' in action ? [action.id] : []))
  assert.equal(new Set(ids).size, ids.length, 'no two actions are about one object')
  const handled = new Set(actions.flatMap((action) => (action.kind === 'wait' ? [action.waiting.containerName] : [])))
  for (const action of actions) {
    if (action.kind === 'create-container') {
      const sandbox = observed.sandboxes.find(({ id }) => id === action.sandboxId)
      assert.ok(sandbox !== undefined && sandbox.state.phase !== 'exited', 'a container is created in a live sandbox')
    }
    if (action.kind !== 'start-container') continue
    for (const container of model.pod.spec.containers) {
      if (container.name === action.container.name) break
      const newest = observed.containers.find(({ name }) => name === container.name)
      const { kind } = decideContainer(model.pod, container, newest, facts)
      const isOut = kind === 'keep' || kind === 'done' || kind === 'kill' || handled.has(container.name)
      assert.ok(isOut, `${container.name} comes before ${action.container.name}`)
    }
  }
}

/** Kinds of action that bring something up: a Pod that has them is not over. */
const starting = new Set([
  'create-sandbox',
  'start-sandbox',
  'ensure-image',
  'create-container',
  'start-container',
  'wait',
])

/** Tells the status of this pass; what must be true of it, given what is planned and what the last one said. */
function tellStatus(model: DockerModel, { observed, facts, actions }: Pass): PodStatus {
  // Without the last phase: it would stay, and hide what this pass makes of the Pod.
  const { phase: _, ...previous } = model.status ?? {}
  const status = podStatus(
    model.pod,
    observed,
    statusFacts({
      nowMs: model.nowMs,
      waiting: waitingReasons(actions, facts),
      killedForRestart: facts.killedForRestart,
      vanishedForGood: vanishedForGood(model.pod, facts.vanished),
      previous,
    }),
  )
  const isTerminal = status.phase === 'Succeeded' || status.phase === 'Failed'
  assert.ok(!isTerminal || !actions.some(({ kind }) => starting.has(kind)), `goes on although it is ${status.phase}`)
  for (const container of model.pod.spec.containers) {
    const [then, now] = [previous, status].map((each) => previousContainerStatus(each, container.name)?.state)
    const leftEnd = then?.terminated !== undefined && now?.terminated === undefined
    const mayLeave = !leftEnd || policyRestarts(model.pod, container, then.terminated.exitCode)
    assert.ok(
      mayLeave || model.startedByHand.has(container.name),
      `${container.name} leaves an end that the API server takes for good`,
    )
  }
  model.tell(status)
  return status
}

interface Pass {
  readonly observed: ObservedPod
  readonly facts: PodFacts
  readonly actions: readonly PodAction[]
}

/** Looks, plans and acts until nothing is left to do, even in an hour. */
function settle(model: DockerModel, random: Random): void {
  let acting = 0
  for (let pass = 0; pass < 2000; pass++) {
    const observed = model.observe()
    const facts = model.facts()
    const before = structuredClone({ pod: model.pod, observed })
    const actions = computePodActions(model.pod, observed, facts)
    assert.deepEqual({ pod: model.pod, observed }, before, 'planning changes nothing')
    checkPlan(model, observed, facts, actions)
    const { phase } = tellStatus(model, { observed, facts, actions })
    for (const action of random.shuffled(actions)) model.apply(action)
    const isIdle = actions.every(({ kind }) => kind === 'wait')
    acting = isIdle ? 0 : acting + 1
    assert.ok(acting <= 40, `does not come to rest: ${actions.map(({ kind }) => kind).join(', ')}`)
    model.nowMs += random.below(50)
    model.observe()
    if (model.mishaps > 0 && (isIdle || random.chance(0.2))) {
      disturb(model, random)
      acting = 0
    } else if (isIdle) {
      const isPulling = [...facts.images.values()].some(({ kind }) => kind === 'pulling')
      const isBusy = isPulling || facts.kills.size > 0
      const ends = actions.flatMap((action) => (action.kind === 'wait' ? (action.untilMs ?? []) : []))
      if (!isBusy && ends.length === 0) {
        const isOver = model.pod.spec.containers.every(({ name }) => model.isFinished(name))
        assert.equal(phase === 'Succeeded' || phase === 'Failed', isOver, `is ${phase} at rest`)
        return
      }
      if (ends.length > 0) model.nowMs = Math.max(model.nowMs, Math.min(...ends))
    }
    if (isIdle || random.chance(0.5)) model.finishWorks()
  }
  assert.fail('does not settle')
}

/** What must be true when nothing is left to do. */
function checkRest(model: DockerModel): void {
  const { containers, sandboxes } = model.observe()
  const runningIn = sandboxes.filter(({ state }) => state.phase === 'running')
  let runs = 0
  for (const { name } of model.pod.spec.containers) {
    const instances = containers.filter((container) => container.name === name)
    assert.ok(instances.length <= 2, `${name} has left garbage`)
    const live = instances.filter(({ state }) => state.phase === 'running')
    assert.ok(live.length <= 1, `${name} runs more than once`)
    assert.equal(live.length === 0, model.isFinished(name), `${name} runs unless it has ended for good`)
    for (const { sandboxId } of live) assert.equal(sandboxId, runningIn[0]?.id, `${name} runs in the sandbox`)
    runs += live.length
  }
  assert.equal(runningIn.length, runs === 0 ? 0 : 1, 'a sandbox runs as long as it is needed')
  const lacksIp = runningIn.some(({ hostNetwork, ips }) => !hostNetwork && ips.length === 0)
  assert.equal(lacksIp, false, 'the sandbox has an IP')
  assert.ok(sandboxes.length <= 1, 'a replaced sandbox was left')
}

/** Does it with many seeds; what is thrown tells with which of them it can be seen again. */
function withSeeds(work: (random: Random) => void): void {
  for (let seed = 1; seed <= runs; seed++) {
    try {
      work(new Random(seed))
    } catch (error) {
      throw new Error(`With seed ${seed}`, { cause: error })
    }
  }
}

describe('doing what the plan says', () => {
  it('brings up a new Pod', () => {
    withSeeds((random) => {
      const model = aModel(random, 0)
      settle(model, random)
      checkRest(model)
      const { containers } = model.observe()
      assert.deepEqual(
        model.pod.spec.containers.map(({ name }) => name),
        containers
          .toSorted((a, b) => startOf(a.state) - startOf(b.state) || a.name.localeCompare(b.name))
          .map(({ name }) => name),
        'containers start in the order of the spec',
      )
    })
  })

  it('brings up a Pod of which Docker holds anything at all', () => {
    withSeeds((random) => {
      const model = aModel(random, 0)
      addHistory(model, random)
      settle(model, random)
      checkRest(model)
    })
  })

  it('brings up a Pod in spite of everything that goes wrong on the way', () => {
    withSeeds((random) => {
      const model = aModel(random, 12)
      if (random.chance(0.5)) addHistory(model, random)
      settle(model, random)
      checkRest(model)
    })
  })
})

function startOf(state: ReturnType<DockerModel['observe']>['containers'][number]['state']): number {
  return state.phase === 'created' ? Number.POSITIVE_INFINITY : state.startedAtMs
}

describe('doing what the plan of an end says', () => {
  for (const remove of [false, true]) {
    it(`leaves ${remove ? 'nothing at all' : 'nothing running'}`, () => {
      withSeeds((random) => {
        const model = aModel(random, 0)
        addHistory(model, random)
        model.pod = { ...model.pod, metadata: { ...model.pod.metadata, deletionTimestamp: '2026-11-21T10:00:00Z' } }
        for (let pass = 0; pass < 4; pass++) {
          const actions = computeTerminationActions(model.observe(), {
            ...model.facts(),
            pod: model.pod,
            graceSeconds: 2,
            remove,
            hasVolumes: model.hasVolumes,
          })
          if (actions.length === 0) break
          assert.ok(pass < 3, 'three passes are enough')
          for (const action of random.shuffled(actions)) model.apply(action)
          model.finishWorks()
        }
        const left = [...model.containers, ...model.sandboxes]
        if (remove) assert.deepEqual([left, model.hasVolumes], [[], false])
        else assert.deepEqual([left.filter(({ state }) => state.phase === 'running'), model.hasVolumes], [[], true])
      })
    })
  }
})
