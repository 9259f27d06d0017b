/** What a container is, in the kubelet's metrics, by where it stands in the spec (PodEvent.fieldPath). */
export function containerType(fieldPath: string | undefined): 'container' | 'init_container' | 'ephemeral_container' {
  if (fieldPath?.startsWith('spec.initContainers{') === true) return 'init_container'
  if (fieldPath?.startsWith('spec.ephemeralContainers{') === true) return 'ephemeral_container'
  return 'container'
}
