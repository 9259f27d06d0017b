export interface RouteTables {
  /** The text of `/proc/net/route`. */
  readonly ipv4: string
  /** The text of `/proc/net/ipv6_route`. */
  readonly ipv6: string
}

/** The interfaces that default routes lead to, those of IPv4 first, and of one family the one with the lowest metric. */
export function defaultRouteInterfaces({ ipv4, ipv6 }: RouteTables): readonly string[] {
  return [...interfacesOf(ipv4, readIpv4Route), ...interfacesOf(ipv6, readIpv6Route)]
}

interface DefaultRoute {
  readonly interfaceName: string
  readonly metric: number
}

function interfacesOf(
  table: string,
  read: (columns: readonly string[]) => DefaultRoute | undefined,
): readonly string[] {
  return table
    .split('\n')
    .map((line) => read(line.trim().split(/\s+/u)))
    .filter((route) => route !== undefined)
    .toSorted((left, right) => left.metric - right.metric)
    .map(({ interfaceName }) => interfaceName)
}

/** Iface, Destination, Gateway, Flags, RefCnt, Use, Metric, Mask: all but Iface and Metric in hexadecimal digits. */
function readIpv4Route(columns: readonly string[]): DefaultRoute | undefined {
  const [interfaceName = '', destination, , , , , metric, mask] = columns
  return destination === '00000000' && mask === '00000000' ? { interfaceName, metric: Number(metric) } : undefined
}

/** Destination, its length, source, its length, next hop, metric, …, interface: all in hexadecimal digits. */
function readIpv6Route(columns: readonly string[]): DefaultRoute | undefined {
  const [destination = '', length, , , nextHop = '', metric = ''] = columns
  const interfaceName = columns[9] ?? ''
  // The kernel's own catch-all route, which leads nowhere, is on `lo`.
  const isDefault =
    /^0{32}$/u.test(destination) && length === '00' && !/^0{32}$/u.test(nextHop) && interfaceName !== 'lo'
  return isDefault ? { interfaceName, metric: Number.parseInt(metric, 16) } : undefined
}
