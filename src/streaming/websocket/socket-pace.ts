import type { RawData, WebSocket } from 'ws'

/** While nothing is read from a client, this is how often it is asked whether it is still there. */
const askMs = 10_000

/** How fast a WebSocket is read, and for how long nothing may be said on it. */
export class SocketPace {
  readonly #webSocket: WebSocket
  readonly #idle: NodeJS.Timeout
  #asking: NodeJS.Timeout | undefined

  constructor(webSocket: WebSocket, idleTimeoutMs: number) {
    this.#webSocket = webSocket
    this.#idle = setTimeout(() => webSocket.terminate(), idleTimeoutMs)
    webSocket.once('close', () => {
      clearTimeout(this.#idle)
      clearInterval(this.#asking)
    })
  }

  /** Something was said. */
  heard(): void {
    this.#idle.refresh()
  }

  /** Reads nothing more from the client for now. Whether it is still there then shows only when something is sent. */
  wait(): void {
    this.#webSocket.pause()
    this.#asking ??= setInterval(() => this.#webSocket.ping(), askMs)
  }

  goOn(): void {
    clearInterval(this.#asking)
    this.#asking = undefined
    this.#webSocket.resume()
  }
}

export function asBuffer(data: RawData): Buffer {
  if (Buffer.isBuffer(data)) return data
  return Array.isArray(data) ? Buffer.concat(data) : Buffer.from(data)
}
