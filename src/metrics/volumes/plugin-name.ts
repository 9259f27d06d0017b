import type { VolumeSpec } from '../../model/kube.ts'

/** What a volume is of, as the kubelet's plugins are called. */
const plugins: readonly (readonly [field: keyof VolumeSpec, plugin: string])[] = [
  ['emptyDir', 'kubernetes.io/empty-dir'],
  ['hostPath', 'kubernetes.io/host-path'],
  ['configMap', 'kubernetes.io/configmap'],
  ['secret', 'kubernetes.io/secret'],
  ['downwardAPI', 'kubernetes.io/downward-api'],
  ['projected', 'kubernetes.io/projected'],
  ['nfs', 'kubernetes.io/nfs'],
  ['csi', 'kubernetes.io/csi'],
]

/** The plugin of a volume; `N/A`, as the kubelet has it, where only a claim's own object says which that is. */
export function pluginName(volume: VolumeSpec): string {
  return plugins.find(([field]) => volume[field] !== undefined)?.[1] ?? 'N/A'
}
