/** What somebody has removed of what the agent had set up for Docker to mount. */
import type { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { allOf } from '../../util/all-of.ts'
import type { PodRun } from '../pod-run.ts'

/** Docker does not find what it is to mount. */
export function lacksSource({ status, message }: KubeletError): boolean {
  return status === 400 && message.includes('bind source path does not exist')
}

/** The Pod's volumes, and all else that lies in its folder, are set up anew. */
export function forgetVolumes({ memory }: PodRun): void {
  memory.volumes = { kind: 'unprepared' }
  memory.mountedVolumes = new Map()
}

/** The same when what was to be started has been made for what is gone: it has never run, and is made anew. */
export async function forgetMade(run: PodRun, id: ContainerId): Promise<void> {
  const { engine, observed, logLinks } = run.context
  const object = observed.find(run.uid, id)
  forgetVolumes(run)
  const works = [engine.remove(id, run.signal)]
  if (object?.kind === 'container') works.push(logLinks.remove(object))
  await allOf(works)
  observed.drop(run.uid, id)
}
