import type { ContainerSpec } from '../model/kube.ts'

export type ResolvedPort =
  | { readonly kind: 'port'; readonly port: number }
  /** There is no such port; `message` is the kubelet's. */
  | { readonly kind: 'unknown'; readonly message: string }

/**
 * The port of a probe or a hook: a number, the name of one of the container's ports, or a number written as text
 * (ResolveContainerPort in pkg/probe/util.go).
 */
export function resolvePort(port: number | string | undefined, container: ContainerSpec): ResolvedPort {
  const number = typeof port === 'string' ? portOfText(port, container) : (port ?? 0)
  if (number === undefined) return { kind: 'unknown', message: atoiError(String(port)) }
  return number > 0 && number < 65_536
    ? { kind: 'port', port: number }
    : { kind: 'unknown', message: `invalid port number: ${number}` }
}

function portOfText(text: string, container: ContainerSpec): number | undefined {
  const named = container.ports?.find(({ name }) => name === text)
  if (named !== undefined) return named.containerPort
  return /^[+-]?\d+$/u.test(text) ? Number(text) : undefined
}

/** What Go's `strconv.Atoi` says of a text that is no number: the kubelet tries that last, so that is what users read. */
function atoiError(text: string): string {
  return `strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
}
