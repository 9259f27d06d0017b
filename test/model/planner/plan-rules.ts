import assert from 'node:assert/strict'
import type { PodAction } from '../../../src/model/action.ts'
import type { PodStatus } from '../../../src/model/kube.ts'
import type { ObservedPod } from '../../../src/model/observed.ts'
import { allContainers, initContainers, isSidecar } from '../../../src/model/pod.ts'
import { canRestartAll, policyRestarts } from '../../../src/model/restart-policy.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import { decideContainer, vanishedForGood } from '../../../src/plan/restart-decision.ts'
import { waitingReasons } from '../../../src/plan/waiting-reasons.ts'
import { previousContainerStatus } from '../../../src/status/container-status.ts'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusFacts } from '../../builders/facts.ts'
import type { DockerModel } from './docker-model.ts'

/** One look at a Pod, and what the plan makes of it. */
export interface Pass {
  readonly observed: ObservedPod
  readonly facts: PodFacts
  readonly actions: readonly PodAction[]
}

/** What must be true of every plan, whatever it is for. */
export function checkPlan(model: DockerModel, { observed, facts, actions }: Pass): void {
  const ids = actions.flatMap((action) => ('id' in action ? [action.id] : []))
  assert.equal(new Set(ids).size, ids.length, 'no two actions are about one object')
  const handled = new Set(actions.flatMap((action) => (action.kind === 'wait' ? [action.waiting.containerName] : [])))
  // One that is started just before it, or that is only started anew, holds up nobody.
  const started = new Set([
    ...actions.flatMap((action) => (action.kind === 'start-container' ? [action.container.name] : [])),
    ...observed.containers.flatMap(({ name, sandboxId, state }) =>
      sandboxId === observed.sandboxes[0]?.id && state.phase !== 'created' ? [name] : [],
    ),
  ])
  for (const action of actions) {
    if (action.kind === 'create-container') {
      const sandbox = observed.sandboxes.find(({ id }) => id === action.sandboxId)
      assert.ok(sandbox !== undefined && sandbox.state.phase !== 'exited', 'a container is created in a live sandbox')
    }
    if (action.kind !== 'start-container') continue
    const place = model.pod.spec.containers.findIndex(({ name }) => name === action.container.name)
    for (const container of model.pod.spec.containers.slice(0, Math.max(0, place))) {
      const newest = observed.containers.find(({ name }) => name === container.name)
      const { kind } = decideContainer(model.pod, container, newest, facts)
      const isOut = kind === 'keep' || kind === 'done' || kind === 'kill' || handled.has(container.name)
      if (started.has(container.name)) continue
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
export function tellStatus(model: DockerModel, { observed, facts, actions }: Pass): PodStatus {
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
  for (const container of allContainers(model.pod)) {
    const [then, now] = [previous, status].map((each) => previousContainerStatus(each, container.name)?.state)
    const leftEnd = then?.terminated !== undefined && now?.terminated === undefined
    const mayLeave =
      !leftEnd || canRestartAll(model.pod) || policyRestarts(model.pod, container, then.terminated.exitCode)
    assert.ok(
      mayLeave || model.startedByHand.has(container.name),
      `${container.name} leaves an end that the API server takes for good`,
    )
  }
  model.tell(status)
  return status
}

/** What must be true when nothing is left to do. */
export function checkRest(model: DockerModel): void {
  const { containers, sandboxes } = model.observe()
  const runningIn = sandboxes.filter(({ state }) => state.phase === 'running')
  const lasting = [...model.pod.spec.containers, ...initContainers(model.pod).filter(isSidecar)]
  for (const spec of allContainers(model.pod)) {
    const { name } = spec
    const instances = containers.filter((container) => container.name === name)
    assert.ok(instances.length <= 2, `${name} has left garbage`)
    const live = instances.filter(({ state }) => state.phase === 'running')
    assert.ok(live.length <= 1, `${name} runs more than once`)
    const shouldRun = !model.isOver && !model.isFinished(spec) && lasting.includes(spec)
    assert.equal(live.length === 1, shouldRun, `${name} runs unless it has ended for good`)
    for (const { sandboxId } of live) assert.equal(sandboxId, runningIn[0]?.id, `${name} runs in the sandbox`)
  }
  assert.equal(runningIn.length, model.isOver ? 0 : 1, 'a sandbox runs as long as it is needed')
  const lacksIp = runningIn.some(({ hostNetwork, ips }) => !hostNetwork && ips.length === 0)
  assert.equal(lacksIp, false, 'the sandbox has an IP')
  for (const { id } of sandboxes.slice(1)) {
    assert.ok(
      containers.some(({ sandboxId }) => sandboxId === id),
      'a replaced sandbox was left without containers',
    )
  }
}
