import { lookup } from 'node:dns/promises'
import { readFile } from 'node:fs/promises'
import { isIP, isIPv4 } from 'node:net'
import { networkInterfaces } from 'node:os'
import { setTimeout as sleep } from 'node:timers/promises'
import { KubeletError } from '../model/errors.ts'
import { defaultRouteInterfaces } from './default-route.ts'

/** What a node of this name may be asked for in vain, without a name server, before other ways are tried. */
const lookupLimitMs = 1_000

/** `0.0.0.0` and `::` in --node-ip ask for a family, not for an address. */
const anyAddress: readonly string[] = ['0.0.0.0', '::']

/**
 * The node's IP addresses, as the kubelet finds them (pkg/kubelet/nodestatus/setters.go): what --node-ip says; else the
 * node's name, if it is an address or if it leads to one of this host; else the address of the default route. Unlike the
 * kubelet, any other address of this host is better than none. Throws `configuration` when there is none.
 */
export async function findNodeAddresses(
  { nodeName, nodeIps }: { readonly nodeName: string; readonly nodeIps: readonly string[] },
  signal: AbortSignal,
): Promise<readonly string[]> {
  const given = nodeIps.filter((address) => !anyAddress.includes(address))
  if (given.length > 0) return given
  if (isIP(nodeName) !== 0) return [nodeName]
  const family = nodeIps[0] === '::' ? 'IPv6' : 'IPv4'
  const own = hostAddresses()
  const candidates = [
    ...ofFamily(await lookUp(nodeName, signal), family).filter((each) => own.some(({ address }) => address === each)),
    ...(await defaultRouteAddresses(own, family, signal)),
    ...ofFamily(
      own.map(({ address }) => address),
      family,
    ),
  ]
  const [address] = candidates
  if (address !== undefined) return [address]
  throw new KubeletError(
    'configuration',
    `Cannot find an address of the node "${nodeName}": this host has none but loopback; give one with --node-ip`,
  )
}

interface HostAddress {
  readonly interfaceName: string
  readonly address: string
}

/** The addresses of this host that others can reach: neither loopback nor link-local. */
function hostAddresses(): readonly HostAddress[] {
  return Object.entries(networkInterfaces()).flatMap(([interfaceName, addresses = []]) =>
    addresses
      .filter(({ internal, address }) => !internal && !/^(?:fe80:|169\.254\.)/iu.test(address))
      .map(({ address }) => ({ interfaceName, address })),
  )
}

/** Those of the wanted family, then, for want of a better one, the others. */
function ofFamily(addresses: readonly string[], family: 'IPv4' | 'IPv6'): readonly string[] {
  const isWanted = (address: string): boolean => isIPv4(address) === (family === 'IPv4')
  return [...addresses.filter(isWanted), ...addresses.filter((address) => !isWanted(address))]
}

/** What the host's resolver says to a name, nothing if that is an error or takes too long. */
async function lookUp(name: string, signal: AbortSignal): Promise<readonly string[]> {
  const done = new AbortController()
  try {
    const limit = sleep(lookupLimitMs, [], { signal: AbortSignal.any([signal, done.signal]), ref: false })
    const found = await Promise.race([lookup(name, { all: true }), limit])
    return found.map(({ address }) => address)
  } catch {
    signal.throwIfAborted()
    return []
  } finally {
    done.abort()
  }
}

async function defaultRouteAddresses(
  own: readonly HostAddress[],
  family: 'IPv4' | 'IPv6',
  signal: AbortSignal,
): Promise<readonly string[]> {
  const [ipv4, ipv6] = await Promise.all([
    readRoutes('/proc/net/route', signal),
    readRoutes('/proc/net/ipv6_route', signal),
  ])
  const interfaces = defaultRouteInterfaces({ ipv4, ipv6 })
  const addresses = interfaces.flatMap((name) =>
    own.filter(({ interfaceName }) => interfaceName === name).map(({ address }) => address),
  )
  return ofFamily(addresses, family)
}

async function readRoutes(path: string, signal: AbortSignal): Promise<string> {
  try {
    return await readFile(path, { encoding: 'utf8', signal })
  } catch {
    signal.throwIfAborted()
    return ''
  }
}
