import type { Pod, Service, ServicePort } from '../../model/kube.ts'
import type { Environment } from './expand.ts'

/** The namespace and the Service by which Pods find the API server. */
export const masterNamespace = 'default'
const masterService = 'kubernetes'

/**
 * The variables by which a container finds Services (getServiceEnvVarMap in pkg/kubelet/kubelet_pods.go, and
 * pkg/kubelet/envvars): of those in the Pod's namespace if it links them, and of the API server's in any case, unless the
 * Pod's namespace has one of that name. `services`: those of both namespaces.
 */
export function serviceVariables({ metadata, spec }: Pod, services: readonly Service[]): Environment {
  const seen = new Map<string, Service>()
  for (const service of services) {
    const { namespace, name } = service.metadata
    if (namespace === masterNamespace && name === masterService) {
      if (!seen.has(name)) seen.set(name, service)
    } else if (namespace === metadata.namespace && spec.enableServiceLinks === true) {
      seen.set(name, service)
    }
  }
  return new Map([...seen.values()].flatMap(variablesOf))
}

type Variable = readonly [name: string, value: string]

function variablesOf({ metadata, spec: { clusterIP, ports } }: Service): readonly Variable[] {
  const [first] = ports
  if (first === undefined) return []
  const prefix = variableName(metadata.name)
  const port = `${prefix}_SERVICE_PORT`
  const named = ports.flatMap((each): readonly Variable[] =>
    each.name === undefined ? [] : [[`${port}_${variableName(each.name)}`, String(each.port)]],
  )
  return [
    [`${prefix}_SERVICE_HOST`, clusterIP],
    [port, String(first.port)],
    ...named,
    [`${prefix}_PORT`, url(clusterIP, first)],
    ...ports.flatMap((each) => linkVariables(`${prefix}_PORT`, clusterIP, each)),
  ]
}

/** As Docker once made them for its links. */
function linkVariables(prefix: string, clusterIp: string, port: ServicePort): readonly Variable[] {
  const name = `${prefix}_${port.port}_${port.protocol.toUpperCase()}`
  return [
    [name, url(clusterIp, port)],
    [`${name}_PROTO`, port.protocol.toLowerCase()],
    [`${name}_PORT`, String(port.port)],
    [`${name}_ADDR`, clusterIp],
  ]
}

function url(clusterIp: string, { port, protocol }: ServicePort): string {
  const host = clusterIp.includes(':') ? `[${clusterIp}]` : clusterIp
  return `${protocol.toLowerCase()}://${host}:${port}`
}

function variableName(name: string): string {
  return name.toUpperCase().replaceAll('-', '_')
}
