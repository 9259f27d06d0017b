import type { Pod, VolumeMountSpec, VolumeSpec } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'
import { parseQuantity, wholeUnits } from '../../util/quantity.ts'
import { volumeDirectory, type NodePaths } from '../paths.ts'
import { sourceField } from './persistent-source.ts'
import { objectSource, projectionSource, type ProjectionSource } from './projection-source.ts'

/** What a volume is on this node. `path` is where it lies, or will. */
export type VolumeSource =
  | {
      readonly kind: 'empty-dir'
      readonly path: string
      /** `''`, `Memory`, `HugePages` or `HugePages-<size>`. */
      readonly medium: string
      readonly sizeLimitBytes: number | undefined
    }
  | { readonly kind: 'host-path'; readonly path: string; readonly type: string }
  | ProjectedSource
  | {
      readonly kind: 'claim'
      readonly claimName: string
      readonly readOnly: boolean
      /** It was made for this Pod, and must be its own. */
      readonly isEphemeral: boolean
    }
  | {
      readonly kind: 'nfs'
      readonly path: string
      readonly server: string
      readonly exportPath: string
      readonly readOnly: boolean
    }
  | {
      readonly kind: 'image'
      readonly path: string
      readonly reference: string
      readonly pullPolicy: string | undefined
    }
  /** A kind that this agent does not serve, by its field name in the spec. */
  | { readonly kind: 'unsupported'; readonly field: string }

/** A volume of files that the agent writes, and writes anew when what they say has changed. */
export interface ProjectedSource {
  readonly kind: 'projected'
  readonly path: string
  /** Secrets and what may hold them never touch the disk. */
  readonly medium: 'disk' | 'memory'
  readonly defaultMode: number
  readonly sources: readonly ProjectionSource[]
}

const defaultFileMode = 0o644

/** What a volume of the Pod is on this node: by the first source that is set, as the API server lets in no second. */
export function volumeSource(pod: Pod, volume: VolumeSpec, paths: NodePaths): VolumeSource {
  const at = (plugin: string): string =>
    volumeDirectory(paths, pod.metadata.uid, `kubernetes.io/${plugin}`, volume.name)
  const { namespace } = pod.metadata
  const {
    emptyDir,
    hostPath,
    configMap,
    secret,
    downwardAPI,
    projected,
    persistentVolumeClaim,
    ephemeral,
    nfs,
    image,
  } = volume
  if (emptyDir) {
    const { medium = '', sizeLimit } = emptyDir
    const limit = sizeLimit === undefined ? undefined : parseQuantity(sizeLimit)
    return {
      kind: 'empty-dir',
      path: at('empty-dir'),
      medium,
      sizeLimitBytes: limit === undefined ? undefined : Number(wholeUnits(limit)),
    }
  }
  if (hostPath) return { kind: 'host-path', path: hostPath.path, type: hostPath.type ?? '' }
  if (configMap) {
    const sources = [objectSource({ kind: 'ConfigMap', namespace, name: configMap.name ?? '' }, configMap)]
    return projectedSource(at('configmap'), 'disk', configMap.defaultMode, sources)
  }
  if (secret) {
    const sources = [objectSource({ kind: 'Secret', namespace, name: secret.secretName ?? '' }, secret)]
    return projectedSource(at('secret'), 'memory', secret.defaultMode, sources)
  }
  if (downwardAPI) {
    const sources: readonly ProjectionSource[] = [{ kind: 'downward', items: downwardAPI.items ?? [] }]
    return projectedSource(at('downward-api'), 'memory', downwardAPI.defaultMode, sources)
  }
  if (projected) {
    const sources = (projected.sources ?? []).map((source) => projectionSource(pod, source))
    return projectedSource(at('projected'), 'memory', projected.defaultMode, sources)
  }
  if (persistentVolumeClaim) {
    const { claimName, readOnly = false } = persistentVolumeClaim
    return { kind: 'claim', claimName, readOnly, isEphemeral: false }
  }
  if (ephemeral) {
    return { kind: 'claim', claimName: `${pod.metadata.name}-${volume.name}`, readOnly: false, isEphemeral: true }
  }
  if (nfs) {
    const { server, path: exportPath, readOnly = false } = nfs
    return { kind: 'nfs', path: at('nfs'), server, exportPath, readOnly }
  }
  if (image) {
    return { kind: 'image', path: at('image'), reference: image.reference ?? '', pullPolicy: image.pullPolicy }
  }
  return { kind: 'unsupported', field: sourceField(volume) }
}

function projectedSource(
  path: string,
  medium: ProjectedSource['medium'],
  defaultMode: number = defaultFileMode,
  sources: readonly ProjectionSource[],
): ProjectedSource {
  return { kind: 'projected', path, medium, defaultMode, sources }
}

/** The volumes that some container mounts: the others are not set up and not waited for, as in the kubelet. */
export function mountedVolumes(pod: Pod): readonly VolumeSpec[] {
  const mounted = new Set(mountsOf(pod).map(({ name }) => name))
  return (pod.spec.volumes ?? []).filter((volume) => mounted.has(volume.name))
}

function mountsOf(pod: Pod): readonly VolumeMountSpec[] {
  return allContainers(pod).flatMap(({ volumeMounts }) => volumeMounts ?? [])
}
