import { KubeletError } from '../model/errors.ts'
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
  const asked = upgrade.request.headers.upgrade?.toLowerCase() ?? ''
  if (asked === 'websocket') {
    const { acceptCommandWebSocket } = await import('./websocket/web-socket-front.ts')
    return acceptCommandWebSocket(upgrade, options)
  }
  throw new KubeletError('invalid', `unable to upgrade: missing upgrade headers in request: Upgrade: ${asked}`, {
    status: 400,
  })
}
