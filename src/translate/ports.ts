import type { DockerPortBinding } from '../model/docker.ts'
import type { Pod } from '../model/kube.ts'
import { sidecars, usesHostNetwork } from '../model/pod.ts'

export type PortBindings = Readonly<Record<string, readonly DockerPortBinding[]>>

/**
 * The host ports of a Pod, for its sandbox: only ports with a hostPort are published, several host ports of one container
 * port side by side. Kubelets leave out the ports of sidecars; one that a container has too is the container's here. A
 * hostNetwork Pod has nothing to publish.
 */
export function portBindings(pod: Pod): PortBindings {
  const bindings: Record<string, DockerPortBinding[]> = {}
  if (usesHostNetwork(pod)) return bindings
  const taken = new Set<string>()
  for (const port of [...pod.spec.containers, ...sidecars(pod)].flatMap((container) => container.ports ?? [])) {
    if (!port.hostPort) continue
    const protocol = (port.protocol ?? 'TCP').toLowerCase()
    const binding = { HostIp: port.hostIP ?? '', HostPort: String(port.hostPort) }
    const place = `${protocol} ${binding.HostIp} ${binding.HostPort}`
    if (taken.has(place)) continue
    taken.add(place)
    const key = `${port.containerPort}/${protocol}`
    bindings[key] = [...(bindings[key] ?? []), binding]
  }
  return bindings
}
