import type { DockerPortBinding } from '../model/docker.ts'
import type { Pod } from '../model/kube.ts'
import { sidecars, usesHostNetwork } from '../model/pod.ts'

export type PortBindings = Readonly<Record<string, readonly DockerPortBinding[]>>

/**
 * The host ports of a Pod, for its sandbox: only ports with a hostPort are published, several host ports of one container
 * port side by side. A hostNetwork Pod has nothing to publish.
 */
export function portBindings(pod: Pod): PortBindings {
  const bindings: Record<string, DockerPortBinding[]> = {}
  if (usesHostNetwork(pod)) return bindings
  for (const port of [...sidecars(pod), ...pod.spec.containers].flatMap((container) => container.ports ?? [])) {
    if (!port.hostPort) continue
    const key = `${port.containerPort}/${(port.protocol ?? 'TCP').toLowerCase()}`
    const binding = { HostIp: port.hostIP ?? '', HostPort: String(port.hostPort) }
    bindings[key] = [...(bindings[key] ?? []), binding]
  }
  return bindings
}
