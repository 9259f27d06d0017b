import type { ContainerSpec } from '../../model/kube.ts'
import { forbidden, invalid, oneOf, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { isPort, portNameFault } from './validate-ports.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>
type Lifecycle = NonNullable<ContainerSpec['lifecycle']>
type Handler = Probe & NonNullable<Lifecycle['postStart']>

const kinds = ['exec', 'httpGet', 'tcpSocket', 'grpc', 'sleep'] as const

/** The three probes of a container. */
export function validateProbes(container: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  const { livenessProbe, readinessProbe, startupProbe } = container
  const grace = readinessProbe?.terminationGracePeriodSeconds
  const gracePath = [...path, 'readinessProbe', 'terminationGracePeriodSeconds']
  return [
    ...validateProbe(livenessProbe, [...path, 'livenessProbe']),
    ...mustSucceedOnce(livenessProbe, [...path, 'livenessProbe']),
    ...validateProbe(readinessProbe, [...path, 'readinessProbe']),
    ...(grace === undefined ? [] : [invalid(gracePath, grace, 'must not be set for readinessProbes')]),
    ...validateProbe(startupProbe, [...path, 'startupProbe']),
    ...mustSucceedOnce(startupProbe, [...path, 'startupProbe']),
  ]
}

/** The hooks of a container. */
export function validateLifecycle(lifecycle: Lifecycle | undefined, path: FieldPath): readonly FieldFault[] {
  const { postStart, preStop } = lifecycle ?? {}
  return [
    ...(postStart ? validateHandler(postStart, [...path, 'postStart']) : []),
    ...(preStop ? validateHandler(preStop, [...path, 'preStop']) : []),
  ]
}

function validateProbe(probe: Probe | undefined, path: FieldPath): readonly FieldFault[] {
  if (probe === undefined) return []
  const numbers = [
    'initialDelaySeconds',
    'timeoutSeconds',
    'periodSeconds',
    'successThreshold',
    'failureThreshold',
  ] as const
  const grace = probe.terminationGracePeriodSeconds
  return [
    ...validateHandler(probe, path),
    ...numbers.flatMap((field) => {
      const value = probe[field] ?? 0
      return value < 0 ? [invalid([...path, field], value, 'must be greater than or equal to 0')] : []
    }),
    ...(grace !== undefined && grace <= 0
      ? [invalid([...path, 'terminationGracePeriodSeconds'], grace, 'must be greater than 0')]
      : []),
  ]
}

function mustSucceedOnce(probe: Probe | undefined, path: FieldPath): readonly FieldFault[] {
  const threshold = probe?.successThreshold ?? 1
  return threshold === 1 ? [] : [invalid([...path, 'successThreshold'], threshold, 'must be 1')]
}

/** Exactly one way to ask or to act, and that one complete. */
function validateHandler(handler: Partial<Handler>, path: FieldPath): readonly FieldFault[] {
  const [first, ...others] = kinds.filter((kind) => handler[kind] !== undefined)
  if (first === undefined) return [required(path, 'must specify a handler type')]
  const { exec, httpGet, tcpSocket, grpc } = handler
  return [
    ...others.map((kind) => forbidden([...path, kind], 'may not specify more than 1 handler type')),
    ...(exec && (exec.command ?? []).length === 0 ? [required([...path, 'exec', 'command'])] : []),
    ...(httpGet?.path === '' ? [required([...path, 'httpGet', 'path'])] : []),
    ...(httpGet ? validatePort(httpGet.port, [...path, 'httpGet', 'port']) : []),
    ...oneOf([...path, 'httpGet', 'scheme'], httpGet?.scheme, ['HTTP', 'HTTPS']),
    ...(httpGet?.httpHeaders ?? []).flatMap(({ name }) =>
      validateHeaderName(name, [...path, 'httpGet', 'httpHeaders']),
    ),
    ...(tcpSocket ? validatePort(tcpSocket.port, [...path, 'tcpSocket', 'port']) : []),
    ...(grpc ? validatePort(grpc.port, [...path, 'grpc', 'port']) : []),
  ]
}

function validateHeaderName(name: string, path: FieldPath): readonly FieldFault[] {
  if (/^[-A-Za-z0-9]+$/u.test(name)) return []
  return [invalid(path, name, `a valid HTTP header must consist of alphanumeric characters or '-'`)]
}

/** A number, or the name of one of the container's ports. */
function validatePort(port: number | string, path: FieldPath): readonly FieldFault[] {
  const isNumber = typeof port === 'number'
  const fault = isNumber ? (isPort(port) ? undefined : 'must be between 1 and 65535, inclusive') : portNameFault(port)
  return fault === undefined ? [] : [invalid(path, port, fault)]
}
