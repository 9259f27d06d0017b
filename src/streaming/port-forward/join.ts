import type { Duplex } from 'node:stream'
import { KubeletError } from '../../model/errors.ts'

/**
 * How long the client may say nothing once the port has ended its data. kubectl shows that end to its own client only when
 * all is over, and that client may wait for just this before it ends its own data: containerd gives up after a second too.
 */
const lingerMs = 1000

/**
 * Copies between a client and a port until both have ended their data, or the port's side is gone. Each end is handed on
 * at once, while the other direction goes on; back-pressure reaches both. `port` is destroyed at the end; `client` is
 * left for its owner to close. Throws what the connection to the port broke with. A client that goes is no fault: kubectl
 * resets its stream when a connection is over for it, and takes a word of ours on that for the end of all its connections.
 */
export async function join(client: Duplex, port: Duplex): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  let lingering: NodeJS.Timeout | undefined
  const linger = (): void => {
    clearTimeout(lingering)
    // What the port has not taken yet is not the client's silence.
    lingering = setTimeout(() => (port.writableLength > 0 ? linger() : resolve()), lingerMs)
  }
  const heard = (): void => void (port.readableEnded && linger())
  const portOver = (): void => void (client.readableEnded || linger())
  const portGone = (): void => (port.errored === null ? resolve() : reject(KubeletError.from(port.errored)))
  const clientGone = (): void => {
    // One that has said and heard all does not have to be there until the port has got it.
    if (client.readableEnded && client.writableFinished) return
    resolve()
  }
  client.on('data', heard).once('close', clientGone)
  port.once('end', portOver).once('close', portGone)
  try {
    if (port.closed) portGone()
    if (client.closed) clientGone()
    client.pipe(port)
    port.pipe(client)
    await promise
  } finally {
    clearTimeout(lingering)
    client.off('data', heard).off('close', clientGone).unpipe(port)
    port.off('end', portOver).off('close', portGone).unpipe(client)
    port.destroy()
  }
}
