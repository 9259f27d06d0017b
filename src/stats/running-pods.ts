import type { ContainerId } from '../model/ids.ts'
import { sandboxContainerName } from '../model/labels.ts'
import type { ObservedObject, ObservedOwner, ObservedPod } from '../model/observed.ts'

/** A container or sandbox that runs, as far as it can be measured. */
export interface RunningContainer {
  readonly id: ContainerId
  /** `POD` for a sandbox. */
  readonly name: string
  /** Its name in Docker (translate/identity). */
  readonly dockerName: string
  readonly image: string
  /** Its first process. */
  readonly pid: number
  readonly startedAtMs: number
}

export interface RunningPod {
  readonly owner: ObservedOwner
  readonly sandbox: RunningContainer | undefined
  /** The newest instance of each that runs, by name. */
  readonly containers: readonly RunningContainer[]
}

/** What of a Pod runs now, as far as is known without asking Docker; `undefined` where nothing does. */
export function runningPod(observed: ObservedPod): RunningPod | undefined {
  const sandbox = observed.sandboxes.flatMap(running)[0]
  const containers = new Map<string, RunningContainer>()
  for (const container of observed.containers.flatMap(running)) {
    if (!containers.has(container.name)) containers.set(container.name, container)
  }
  const owner = [...observed.sandboxes, ...observed.containers][0]?.owner
  if (owner === undefined || (sandbox === undefined && containers.size === 0)) return undefined
  return { owner, sandbox, containers: [...containers.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)) }
}

function running(object: ObservedObject): readonly RunningContainer[] {
  const { id, state, owner, attempt } = object
  if (state.phase !== 'running') return []
  const name = object.kind === 'sandbox' ? sandboxContainerName : object.name
  const { podName, podNamespace, podUid } = owner
  return [
    {
      id,
      name,
      dockerName: `k8s_${name}_${podName}_${podNamespace}_${podUid}_${attempt}`,
      image: object.kind === 'sandbox' ? '' : object.image,
      pid: state.pid,
      startedAtMs: state.startedAtMs,
    },
  ]
}
