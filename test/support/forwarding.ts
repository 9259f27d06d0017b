import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { endProcess } from './end-process.ts'
import { Feed } from './feed.ts'
import type { Kubectl } from './kubectl.ts'

/** A `kubectl port-forward` that runs until it is disposed. */
export class Forwarding implements AsyncDisposable {
  /** What it complains about. */
  readonly complaints = new Feed<string>('What kubectl complains about')
  readonly #child: ChildProcess
  readonly #output = new Feed<string>('What kubectl says')

  private constructor(child: ChildProcess) {
    this.#child = child
    for (const [stream, feed] of [
      [child.stdout, this.#output],
      [child.stderr, this.complaints],
    ] as const) {
      stream?.setEncoding('utf8').on('data', (text: string) => feed.push(text))
    }
    child.once('close', (code) => {
      for (const feed of [this.#output, this.complaints]) feed.end(new Error(`kubectl ended with ${code}`))
    })
  }

  /** Forwards free ports of this machine to ports of a Pod, and waits until they listen. */
  static async start(kubectl: Kubectl, pod: string, ...ports: readonly number[]): Promise<Forwarding> {
    const [program = '', ...place] = kubectl.command
    const args = [...place, 'port-forward', `pod/${pod}`, ...ports.map((port) => `:${port}`)]
    const forwarding = new Forwarding(spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] }))
    try {
      for (const port of ports) await forwarding.localPort(port)
      return forwarding
    } catch (error) {
      await forwarding.kill()
      throw error
    }
  }

  /** Where a port of the Pod is to be had. */
  localPort(port: number): Promise<number> {
    const line = new RegExp(String.raw`^Forwarding from 127\.0\.0\.1:(\d+) -> ${port}$`, 'mu')
    return this.#output.until(`a way to port ${port}`, (texts) => {
      const found = line.exec(texts.join(''))?.[1]
      return found === undefined ? undefined : Number(found)
    })
  }

  /** A connection to a port of the Pod, whose ends are independent. */
  async connect(port: number): Promise<Socket> {
    const socket = connect({ host: '127.0.0.1', port: await this.localPort(port), allowHalfOpen: true })
    // How it ends is seen by what is read.
    socket.on('error', () => {})
    await once(socket, 'connect')
    return socket
  }

  /** Ends kubectl without a word of goodbye. */
  async kill(): Promise<void> {
    await endProcess(this.#child, 'SIGKILL')
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.kill()
  }
}
