import type { EndingAction, PodAction } from '../../model/action.ts'
import { containerImage, volumeImage } from '../../model/image-user.ts'
import { podEnvironmentRefs } from '../../translate/environment/data-refs.ts'
import { allOf } from '../../util/all-of.ts'
import { createContainer, removeObject, startContainers } from './container-actions.ts'
import { ensureImage } from './image-actions.ts'
import { killContainer } from './kill-actions.ts'
import { resizePod } from './resize-actions.ts'
import type { PodRun, SpecRun } from '../pod-run.ts'
import { createSandbox, startSandbox, stopSandbox } from './sandbox-actions.ts'
import { turnPriority, type StartStep } from './turn-priority.ts'
import { beginVolumes, removeVolumes, tearDownVolumes } from './volume-actions.ts'

/**
 * Carries out what the plan of a Pod that should run asks for: everything side by side, but the starts of its containers
 * one after the other. Failures of the Pod's own doing are recorded, not thrown; what is thrown (the first of it, when
 * all have ended) makes the worker try again.
 */
export async function executeActions(run: SpecRun, actions: readonly PodAction[]): Promise<void> {
  // What starts may need what a resize makes room for.
  for (const action of actions) if (action.kind === 'resize') await resizePod(run, action)
  const starts = actions.filter((action) => action.kind === 'start-container')
  const others = actions.filter((action) => action.kind !== 'start-container' && action.kind !== 'resize')
  const works = others.map((action) => execute(run, action))
  // With nothing to start, a turn would only be waited for.
  if (starts.length > 0) works.push(inTurn(run, { kind: 'start-container' }, () => startContainers(run, starts)))
  await allOf(works)
}

async function execute(
  run: SpecRun,
  action: Exclude<PodAction, { kind: 'start-container' | 'resize' }>,
): Promise<void> {
  switch (action.kind) {
    case 'prepare-volumes':
      return beginVolumes(run)
    case 'create-sandbox':
      // What its containers' variables refer to is asked for meanwhile.
      run.context.objects?.data.expect(run.uid, podEnvironmentRefs(run.pod))
      return inTurn(run, action, () => createSandbox(run, action.attempt))
    case 'start-sandbox':
      return inTurn(run, action, () => startSandbox(run, action.id))
    case 'ensure-image':
      return ensureImage(run, containerImage(action.container))
    case 'ensure-volume-image': {
      const user = volumeImage(action.volume)
      return user && ensureImage(run, user)
    }
    case 'create-container':
      return createContainer(run, action, (create) => inTurn(run, action, create))
    default:
      return executeEnding(run, action)
  }
}

/** Waits for a turn among the node's Pods; a Pod that has been told to end meanwhile takes none. */
async function inTurn(run: PodRun, step: StartStep, work: () => Promise<void>): Promise<void> {
  const turn = async (): Promise<void> => {
    if (!run.phaseSignal.aborted) await work()
  }
  await run.context.starts.add(turn, { priority: turnPriority(step) })
}

/** Carries out what the end of a Pod asks for, side by side. */
export async function executeTermination(run: PodRun, actions: readonly EndingAction[]): Promise<void> {
  await allOf(actions.map((action) => executeEnding(run, action)))
}

async function executeEnding(run: PodRun, action: EndingAction): Promise<void> {
  switch (action.kind) {
    case 'kill-container':
      return killContainer(run, action)
    case 'remove-container':
    case 'remove-sandbox':
      return run.context.ends.add(() => removeObject(run, action.id))
    case 'stop-sandbox':
      return run.context.ends.add(() => stopSandbox(run, action.id))
    case 'remove-volumes':
      return removeVolumes(run)
    case 'tear-down-volumes':
      return tearDownVolumes(run)
    case 'wait':
      return
    default:
      return action satisfies never
  }
}
