import assert from 'node:assert/strict'
import { docker, run } from './command.ts'

/**
 * The address of Docker's own bridge: one that is no loopback and that only this machine reaches. Docker 20.10 does not tell
 * it in the life in which it has made the bridge.
 */
export async function bridgeAddress(): Promise<string> {
  const name = '{{index .Options "com.docker.network.bridge.name"}}'
  const told = await run(
    'ip',
    '-4',
    '-o',
    'address',
    'show',
    await docker('network', 'inspect', 'bridge', '--format', name),
  )
  const [, address] = / inet ([0-9.]+)\//u.exec(told) ?? []
  assert.ok(address, told)
  return address
}

/**
 * Flags for an agent whose node is to be reached through the proxy of the API server (`nodes/NAME/proxy`): new servers
 * connect to no loopback address for that.
 */
export async function proxiedNode(): Promise<readonly string[]> {
  const address = await bridgeAddress()
  return [`--node-ip=${address}`, `--address=${address}`]
}
