import type { Pod } from '../../model/kube.ts'
import type { MountedVolume } from '../volumes/mounted-volume.ts'

/**
 * The groups that every process of the Pod is in besides its own, those of its volumes too, as Docker's `GroupAdd`: nothing
 * where there are none.
 */
export function supplementalGroups(
  { spec }: Pod,
  volumes: Iterable<MountedVolume> = [],
): { readonly GroupAdd?: readonly string[] } {
  const { fsGroup, supplementalGroups: groups = [] } = spec.securityContext ?? {}
  const ofVolumes = [...volumes].flatMap((volume) => (volume.kind === 'path' ? (volume.group ?? []) : []))
  const more = [...new Set(ofVolumes)].filter((group) => !groups.includes(group))
  const all = [...(fsGroup === undefined ? [] : [fsGroup]), ...groups, ...more]
  return all.length === 0 ? {} : { GroupAdd: all.map(String) }
}
