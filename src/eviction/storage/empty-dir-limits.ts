import type { Pod } from '../../model/kube.ts'
import type { DisruptedPod } from '../../model/pod-verdict.ts'
import type { NodePaths } from '../../translate/paths.ts'
import { mountedVolumes, volumeSource } from '../../translate/volumes/volume-source.ts'
import { goQuote } from '../../util/go-quote.ts'
import { formatQuantity, parseQuantity } from '../../util/quantity.ts'
import { tooMuch } from './storage-limits.ts'

/** A volume of a Pod that may hold only so much. */
export interface LimitedVolume {
  readonly name: string
  readonly path: string
  readonly limitBytes: number
  /** As a quantity is printed. */
  readonly limit: string
}

/**
 * The emptyDirs of a Pod that are to be measured, in the order of its spec: of any medium, with a limit that says
 * something (emptyDirLimitEviction in pkg/kubelet/eviction/eviction_manager.go).
 */
export function limitedVolumes(pod: Pod, paths: NodePaths): readonly LimitedVolume[] {
  return mountedVolumes(pod).flatMap((volume) => {
    const limit = parseQuantity(volume.emptyDir?.sizeLimit ?? '')
    if (limit === undefined || limit.nano <= 0n) return []
    const source = volumeSource(pod, volume, paths)
    if (source.kind !== 'empty-dir' || source.sizeLimitBytes === undefined) return []
    const { path, sizeLimitBytes: limitBytes } = source
    return [{ name: volume.name, path, limitBytes, limit: formatQuantity(limit) }]
  })
}

/** What becomes of a Pod whose volume holds `usedBytes`; `undefined` for nothing. The space is the kubelet's. */
export function emptyDirVerdict(
  { name, limitBytes, limit }: LimitedVolume,
  usedBytes: number,
): DisruptedPod | undefined {
  if (usedBytes <= limitBytes) return undefined
  return tooMuch(`Usage of EmptyDir volume ${goQuote(name)} exceeds the limit ${goQuote(limit)}. `, 'emptydirfs.limit')
}
