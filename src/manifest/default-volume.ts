import { hasLatestTag } from '../model/pod.ts'
import type { VolumeSpec } from '../model/kube.ts'

/** 0644: what files of a ConfigMap and the like may be done with. */
const defaultMode = 420

/** A volume without a source is an emptyDir; modes, types and policies of the others. */
export function defaultVolume(volume: VolumeSpec): VolumeSpec {
  const { name: _, ...sources } = volume
  if (Object.keys(sources).length === 0) return { ...volume, emptyDir: {} }
  const { hostPath, configMap, secret, downwardAPI, projected, image } = volume
  return {
    ...volume,
    ...(hostPath && { hostPath: { type: '', ...hostPath } }),
    ...(configMap && { configMap: { defaultMode, ...configMap } }),
    ...(secret && { secret: { defaultMode, ...secret } }),
    ...(downwardAPI && { downwardAPI: { defaultMode, ...downwardAPI, ...withItems(downwardAPI) } }),
    ...(projected && { projected: { defaultMode, ...projected, ...withSources(projected) } }),
    ...(image && { image: { pullPolicy: hasLatestTag(image.reference ?? '') ? 'Always' : 'IfNotPresent', ...image } }),
  }
}

type DownwardApi = NonNullable<VolumeSpec['downwardAPI']>
type Projected = NonNullable<VolumeSpec['projected']>

function withItems({ items }: Pick<DownwardApi, 'items'>): Pick<DownwardApi, 'items'> {
  if (items === undefined) return {}
  return {
    items: items.map((item) => (item.fieldRef ? { ...item, fieldRef: { apiVersion: 'v1', ...item.fieldRef } } : item)),
  }
}

function withSources({ sources }: Projected): Projected {
  if (sources === undefined) return {}
  return {
    sources: sources.map((source) => ({
      ...source,
      ...(source.downwardAPI && { downwardAPI: { ...source.downwardAPI, ...withItems(source.downwardAPI) } }),
      ...(source.serviceAccountToken && {
        serviceAccountToken: { expirationSeconds: 3600, ...source.serviceAccountToken },
      }),
    })),
  }
}
