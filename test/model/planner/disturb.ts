import { containerHash } from '../../../src/model/container-hash.ts'
import type { ObservedContainer, ObservedSandbox } from '../../../src/model/observed.ts'
import { allContainers, initContainers, isSidecar } from '../../../src/model/pod.ts'
import { anObservedContainer, anObservedSandbox, created, exited, running } from '../../builders/observed.ts'
import type { Choices } from './choices.ts'
import type { DockerModel } from './docker-model.ts'

/** Up to three sandboxes and three instances of each container in any state, as if other agents had left them. */
export function addHistory(model: DockerModel, choices: Choices): void {
  for (let attempt = 0, count = choices.below(4); attempt < count; attempt++) {
    // One that was replaced had been started.
    const state = choices.pick([...(attempt === count - 1 ? [created] : []), running, exited()]) ?? created
    const ips = state.phase !== 'running' || choices.chance(0.2) ? [] : ['10.1.0.9']
    const hostNetwork = choices.chance(0.1) !== (model.pod.spec.hostNetwork === true)
    model.add(anObservedSandbox({ id: model.newId('sandbox'), attempt, state, ips, hostNetwork }))
  }
  const newest = model.sandboxes.at(-1)
  for (const container of allContainers(model.pod)) {
    // No agent comes so far while an init container has not succeeded.
    const isReached = model.observe().containers.every((each) => hasHadItsTurn(model, each))
    if (!isReached) continue
    for (let attempt = 0, count = choices.below(4); attempt < count; attempt++) {
      const states = [
        created,
        exited(),
        exited({ exitCode: 1 }),
        ...(newest?.state.phase === 'created' ? [] : [running]),
      ]
      const state = choices.pick(states) ?? created
      const sandboxId =
        (state.phase === 'running' ? newest?.id : choices.pick(model.sandboxes)?.id) ?? model.newId('lost')
      const hash = choices.chance(0.2) ? 'older' : containerHash(container)
      const { name } = container
      model.add(anObservedContainer({ id: model.newId(name), name, attempt, sandboxId, hash, state }))
    }
  }
  model.learnHistory()
}

function hasHadItsTurn(model: DockerModel, { name, state }: ObservedContainer): boolean {
  const isPlain = initContainers(model.pod).some((container) => container.name === name && !isSidecar(container))
  return !isPlain || (state.phase === 'exited' && state.exitCode === 0)
}

/** Something happens that nobody planned. */
export function disturb(model: DockerModel, choices: Choices): void {
  model.mishaps -= 1
  const container = choices.pick(model.containers)
  const sandbox = choices.pick(model.sandboxes)
  const name = choices.pick(model.pod.spec.containers)?.name ?? ''
  switch (choices.below(8)) {
    case 0:
    case 1:
      if (container?.state.phase === 'running') model.endContainer(container, choices.below(2))
      return
    case 2:
      if (sandbox?.state.phase === 'running') model.endSandbox(sandbox)
      return
    case 3:
      if (container !== undefined) model.removeRecord(container)
      return
    case 4:
      // Of two that run the newer is the Pod's: what runs in it is not looked for in the other.
      if (sandbox !== undefined && !model.sandboxes.some((each) => each !== sandbox && isRunning(each))) {
        model.removeRecord(sandbox)
      }
      return
    case 5:
      return model.redefine(name, `image:${choices.below(1000)}`)
    case 6:
      if (container?.state.phase === 'exited' && model.isAlive(container.sandboxId)) model.startByHand(container)
      return
    default:
      return model.forgetEverything()
  }
}

function isRunning({ state }: ObservedSandbox): boolean {
  return state.phase === 'running'
}
