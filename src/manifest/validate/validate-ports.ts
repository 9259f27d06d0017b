import { isIP } from 'node:net'
import type { ContainerSpec } from '../../model/kube.ts'
import { duplicate, invalid, invalidIf, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'

/** A container and where it stands. */
export interface PlacedContainer {
  readonly container: ContainerSpec
  readonly path: FieldPath
}

type Port = NonNullable<ContainerSpec['ports']>[number]

const outOfRange = 'must be between 1 and 65535, inclusive'

/** One container's ports; their names are its own. */
export function validatePorts(
  ports: readonly Port[],
  { isHostNetwork }: { readonly isHostNetwork: boolean },
  path: FieldPath,
): readonly FieldFault[] {
  const names = new Set<string>()
  return ports.flatMap((port, index) => {
    const at = [...path, index]
    const isTaken = port.name !== undefined && names.has(port.name)
    if (port.name) names.add(port.name)
    return [
      ...(port.name ? invalidIf([...at, 'name'], port.name, portNameFault(port.name)) : []),
      ...(isTaken ? [duplicate([...at, 'name'], port.name)] : []),
      ...validateNumbers(port, isHostNetwork, at),
      ...oneOf([...at, 'protocol'], port.protocol, ['SCTP', 'TCP', 'UDP']),
      ...(port.hostIP && isIP(port.hostIP) === 0
        ? [invalid([...at, 'hostIP'], port.hostIP, 'must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)')]
        : []),
    ]
  })
}

function validateNumbers(
  { containerPort, hostPort }: Port,
  isHostNetwork: boolean,
  at: FieldPath,
): readonly FieldFault[] {
  const path = [...at, 'containerPort']
  const isHostPortWrong = hostPort !== undefined && hostPort !== 0 && !isPort(hostPort)
  return [
    ...(containerPort === 0
      ? [required(path)]
      : isPort(containerPort)
        ? []
        : [invalid(path, containerPort, outOfRange)]),
    ...(isHostPortWrong ? [invalid([...at, 'hostPort'], hostPort, outOfRange)] : []),
    ...(isHostNetwork && hostPort !== containerPort
      ? [invalid([...at, 'hostPort'], hostPort ?? 0, 'must match `containerPort` when `hostNetwork` is true')]
      : []),
  ]
}

/** A port of the host can be had once by a Pod: protocol, address and number together. */
export function validateHostPorts(containers: readonly PlacedContainer[]): readonly FieldFault[] {
  const taken = new Set<string>()
  return containers.flatMap(({ container, path }) =>
    (container.ports ?? []).flatMap(({ protocol = 'TCP', hostIP = '', hostPort = 0 }, index) => {
      const key = `${protocol}/${hostIP}/${hostPort}`
      if (hostPort === 0) return []
      if (taken.has(key)) return [duplicate([...path, 'ports', index, 'hostPort'], key)]
      taken.add(key)
      return []
    }),
  )
}

export function isPort(value: number): boolean {
  return value >= 1 && value <= 65_535
}

/** What is wrong with the name of a port, an IANA service name. */
export function portNameFault(name: string): string | undefined {
  if (name.length > 15) return 'must be no more than 15 characters'
  if (!/^[-a-z0-9]+$/u.test(name)) return 'must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)'
  if (!/[a-z]/u.test(name)) return 'must contain at least one letter (a-z)'
  if (name.includes('--')) return 'must not contain consecutive hyphens'
  return name.startsWith('-') || name.endsWith('-') ? 'must not begin or end with a hyphen' : undefined
}
