/** What Docker finds missing of what it is to mount, though the container is made. */
import type { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { mountedImageVolumes } from '../../model/image-user.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { cannotPrepareSubPath } from '../../translate/sub-path.ts'
import { allOf } from '../../util/all-of.ts'
import type { PodRun } from '../pod-run.ts'

/** Somebody has removed what the agent had set up for Docker to mount. */
export function lacksSource({ status, message }: KubeletError): boolean {
  return status === 400 && message.includes('bind source path does not exist')
}

/**
 * Why the container can't be made, in the kubelet's words, when an image has no such part as a mount asks for, or one that
 * leads out of it: Docker, where it shows parts of images by itself, looks for them only at the start (28.5; its safepath
 * package). Runtimes of the kubelet's look for it when they make the container.
 */
export function missingPart(pod: Pod, container: ContainerSpec, { message }: KubeletError): string | undefined {
  if (!/cannot access path|path concatenation escapes the base directory/u.test(message)) return undefined
  const images = new Set(mountedImageVolumes(pod, container).map(({ name }) => name))
  const parts = (container.volumeMounts ?? []).filter(
    ({ name, subPath, subPathExpr }) => images.has(name) && Boolean(subPath || subPathExpr),
  )
  const part = parts.find(({ subPath }) => subPath && message.includes(subPath)) ?? parts[0]
  return part && cannotPrepareSubPath(part.name, container.name)
}

/** The Pod's volumes, and all else that lies in its folder, are set up anew. */
export function forgetVolumes({ memory }: PodRun): void {
  memory.volumes = { kind: 'unprepared' }
  memory.mountedVolumes = new Map()
}

/** What was to be started has been made for what is not there: it has never run, and is made anew. */
export async function unmake(run: PodRun, id: ContainerId): Promise<void> {
  const { engine, observed, logLinks } = run.context
  const object = observed.find(run.uid, id)
  const works = [engine.remove(id, run.signal)]
  if (object?.kind === 'container') works.push(logLinks.remove(object))
  await allOf(works)
  observed.drop(run.uid, id)
}
