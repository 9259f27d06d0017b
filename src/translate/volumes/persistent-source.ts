import type { PersistentVolume } from '../../model/kube.ts'
import { volumeDirectory, type NodePaths } from '../paths.ts'

/** What a PersistentVolume is on this node. `target` is where it is mounted for one Pod. */
export type PersistentSource =
  | { readonly kind: 'host-path'; readonly path: string; readonly type: string }
  | { readonly kind: 'local'; readonly path: string; readonly target: string }
  | { readonly kind: 'nfs'; readonly server: string; readonly exportPath: string; readonly target: string }
  /** A kind that this agent does not serve, by its field name in the spec, with the driver that would. */
  | { readonly kind: 'unsupported'; readonly field: string }

/** The members of a volume's spec that say nothing of its kind: the one that is left does. */
const common: ReadonlySet<string> = new Set([
  'accessModes',
  'capacity',
  'claimRef',
  'mountOptions',
  'nodeAffinity',
  'persistentVolumeReclaimPolicy',
  'storageClassName',
  'volumeAttributesClassName',
  'volumeMode',
])

/** Before there was a field for them. */
const mountOptionsAnnotation = 'volume.beta.kubernetes.io/mount-options'
const groupAnnotation = 'pv.beta.kubernetes.io/gid'

export function persistentSource(
  { metadata, spec }: PersistentVolume,
  uid: string,
  paths: NodePaths,
): PersistentSource {
  const at = (plugin: string): string => volumeDirectory(paths, uid, `kubernetes.io/${plugin}`, metadata.name)
  const { hostPath, local, nfs } = spec
  if (hostPath) return { kind: 'host-path', path: hostPath.path, type: hostPath.type ?? '' }
  if (local) return { kind: 'local', path: local.path, target: at('local-volume') }
  if (nfs) return { kind: 'nfs', server: nfs.server, exportPath: nfs.path, target: at('nfs') }
  return { kind: 'unsupported', field: sourceField(spec) }
}

/** The member that says where the content of a volume is, with the driver that it names: `csi (driver "x")`. */
export function sourceField(members: object): string {
  const [field, source] = Object.entries(members).find(([key]) => !common.has(key) && key !== 'name') ?? []
  if (field === undefined) return 'without a source'
  const driver: unknown =
    typeof source === 'object' && source !== null && 'driver' in source ? source.driver : undefined
  return typeof driver === 'string' ? `${field} (driver "${driver}")` : field
}

/** The options that a PersistentVolume is mounted with, in order (MountOptionFromSpec in pkg/volume/util/util.go). */
export function mountOptionsOf({ metadata, spec }: PersistentVolume): readonly string[] {
  const annotated = metadata.annotations?.[mountOptionsAnnotation]
  return joinMountOptions(annotated === undefined ? (spec.mountOptions ?? []) : annotated.split(','))
}

/**
 * The group whose volume it says to be (getExtraSupplementalGid in
 * pkg/kubelet/volumemanager). What is no number is none.
 */
export function groupOf({ metadata }: PersistentVolume): number | undefined {
  const text = metadata.annotations?.[groupAnnotation]
  return text !== undefined && /^\d{1,10}$/u.test(text) ? Number(text) : undefined
}

/** Each once, sorted as the kubelet does. */
export function joinMountOptions(...lists: readonly (readonly string[])[]): readonly string[] {
  return [...new Set(lists.flat())].filter((option) => option !== '').toSorted()
}
