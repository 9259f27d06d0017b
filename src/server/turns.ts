import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'

/** Nobody's client sends requests before it has the answers of earlier ones; HTTP allows it. */
const mostWaiting = 4

/**
 * Serves the requests of a connection one after the other. Node hands them over as they come, and would not say of
 * those behind the first that their client has gone.
 */
export class Turns {
  readonly #waiting = new WeakMap<Socket, number>()

  /**
   * Resolves when it is a request's turn to be answered: true, or false where its client has gone. One that sends ever more
   * without an answer is cut.
   */
  async take({ socket }: IncomingMessage, response: ServerResponse): Promise<boolean> {
    if (response.socket !== null) return true
    const waiting = (this.#waiting.get(socket) ?? 0) + 1
    if (waiting > mostWaiting) socket.destroy()
    if (socket.destroyed) return false
    this.#waiting.set(socket, waiting)
    const { promise, resolve } = Promise.withResolvers<boolean>()
    const gone = (): void => resolve(false)
    const turn = (): void => resolve(true)
    socket.once('close', gone)
    response.once('socket', turn)
    try {
      return await promise
    } finally {
      socket.off('close', gone)
      response.off('socket', turn)
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1)
    }
  }
}
