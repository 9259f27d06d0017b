import type { ClientStreams } from './client-streams.ts'
import type { FrontOptions } from './front-options.ts'
import { runRemoteCommand, type RemoteCommand } from './remote-command.ts'
import type { Upgrade } from './upgrade.ts'

/**
 * Answers a request to talk with a command, in whatever protocol it asks for, and serves it to its end. Throws
 * `KubeletError` with the status and text of the answer where nothing has been written yet.
 */
export async function serveRemoteCommand(
  upgrade: Upgrade,
  options: FrontOptions,
  command: RemoteCommand,
): Promise<void> {
  const client = await acceptClient(upgrade, options)
  await runRemoteCommand(client, command, upgrade.signal)
}

/** Each protocol is loaded when somebody speaks it. */
async function acceptClient(upgrade: Upgrade, options: FrontOptions): Promise<ClientStreams> {
  if (upgrade.request.headers.upgrade?.toLowerCase() === 'websocket') {
    const { acceptCommandWebSocket } = await import('./websocket/web-socket-front.ts')
    return acceptCommandWebSocket(upgrade, options)
  }
  const { acceptCommandSpdy } = await import('./spdy/command-front.ts')
  return acceptCommandSpdy(upgrade, options)
}
