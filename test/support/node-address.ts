import { docker } from './command.ts'

/** The address of Docker's own bridge: one that is no loopback and that only this machine reaches. */
export function bridgeAddress(): Promise<string> {
  return docker('network', 'inspect', 'bridge', '--format', '{{(index .IPAM.Config 0).Gateway}}')
}

/**
 * Flags for an agent whose node is to be reached through the proxy of the API server (`nodes/NAME/proxy`): new servers
 * connect to no loopback address for that.
 */
export async function proxiedNode(): Promise<readonly string[]> {
  const address = await bridgeAddress()
  return [`--node-ip=${address}`, `--address=${address}`]
}
