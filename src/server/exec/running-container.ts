import type { Engine } from '../../engine/engine.ts'
import { containerId, type ContainerId } from '../../model/ids.ts'
import type { Pod } from '../../model/kube.ts'
import { allContainerStatuses } from '../../model/pod.ts'

const idPrefix = 'docker://'

/**
 * The id of a Pod's container that runs, of any kind, by its name; `undefined` when it does not run. Docker is asked only
 * where the status does not show it running: it may have been started just now.
 */
export async function runningContainer(
  engine: Pick<Engine, 'list' | 'inspect'>,
  { metadata, status }: Pod,
  name: string,
  signal: AbortSignal,
): Promise<ContainerId | undefined> {
  const told = allContainerStatuses(status).find((one) => one.name === name)
  if (told?.state?.running !== undefined && told.containerID?.startsWith(idPrefix) === true) {
    return containerId(told.containerID.slice(idPrefix.length))
  }
  for (const { id, owner, phase } of await engine.list(signal)) {
    if (owner.podUid !== metadata.uid || phase !== 'running') continue
    const observed = await engine.inspect(id, signal)
    if (observed?.kind === 'container' && observed.name === name) return id
  }
  return undefined
}
