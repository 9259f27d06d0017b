import type { ContainerSpec } from './kube.ts'

/**
 * The hash that tells whether a running container is still what the spec asks for: 32-bit FNV-1a over name and image,
 * lower-case hexadecimal. Name and image only, as kubelets since 1.28 have it (pkg/kubelet/container/helpers.go): every
 * other field of a container is either immutable or changes in place. The value is kept on containers, so it must not
 * change between versions of this agent.
 */
export function containerHash(container: Pick<ContainerSpec, 'name' | 'image'>): string {
  const text = JSON.stringify({ name: container.name, image: container.image ?? '' })
  let hash = 0x811c9dc5
  for (const byte of new TextEncoder().encode(text)) {
    hash = Math.imul(hash ^ byte, 0x01000193) >>> 0
  }
  return hash.toString(16)
}
