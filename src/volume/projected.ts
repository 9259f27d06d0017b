import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { volumeMarker, type NodePaths } from '../translate/paths.ts'
import { mediumMount } from '../translate/volumes/empty-dir-medium.ts'
import { nestedMountPoints } from '../translate/volumes/nested-mount-points.ts'
import { projectedPayload, type PayloadFacts } from '../translate/volumes/projected-payload.ts'
import type { ProjectedSource } from '../translate/volumes/volume-source.ts'
import { writeAtomically } from './atomic-writer.ts'
import type { EmptyDirs } from './empty-dir.ts'
import { diskCalls, memoryCalls } from './file-calls.ts'
import { makeBelow, openRoot } from './open-below.ts'

export interface ProjectedSetUp {
  readonly pod: Pod
  readonly volumeName: string
  readonly source: ProjectedSource
  readonly facts: PayloadFacts
  readonly paths: NodePaths
  /** Beneath each such volume lies one. */
  readonly emptyDirs: EmptyDirs
}

/**
 * Writes a configMap, secret, downwardAPI or projected volume, or brings it up to date (SetUpAt in pkg/volume/configmap and
 * its fellows). Where something that it is made of is missing nothing is written: what was there is there still. Throws
 * `KubeletError`.
 */
export async function setUpProjected(
  { pod, volumeName, source, facts, paths, emptyDirs }: ProjectedSetUp,
  signal: AbortSignal,
): Promise<void> {
  const { path, medium, sources, defaultMode } = source
  const payload = projectedPayload(sources, defaultMode, facts)
  const fsGroup = pod.spec.securityContext?.fsGroup
  const marker = volumeMarker(paths, pod.metadata.uid, `wrapped_${volumeName}`)
  const emptyDir = { medium: medium === 'memory' ? 'Memory' : '', sizeLimitBytes: undefined }
  const mount = mediumMount(pod, emptyDir, facts.allocatable['memory'])
  await emptyDirs.setUp({ path, marker, mount, fsGroup }, signal)
  await makeMountPoints(path, nestedMountPoints(pod, volumeName))
  await writeAtomically(path, payload, { fsGroup, calls: medium === 'memory' ? memoryCalls : diskCalls, signal })
}

async function makeMountPoints(path: string, names: readonly string[]): Promise<void> {
  if (names.length === 0) return
  try {
    await using root = await openRoot(path)
    for (const name of names) await makeBelow(root, name, 0o755)
  } catch (error) {
    const { message, code } = KubeletError.from(error)
    throw new KubeletError(code, `unable to create nested volume mountpoints: ${message}`, { cause: error })
  }
}
