import { duplexPair, type Duplex } from 'node:stream'
import { KubeletError } from '../../src/model/errors.ts'
import type { FakeDocker } from './fake-docker.ts'

interface FakeDial {
  readonly sandbox: string
  readonly port: number
  readonly signal: AbortSignal
}

/** The client's side of a connection, as `PortDialing.dial` has it. */
export function fakeConnection(docker: FakeDocker, { sandbox, port, signal }: FakeDial): Duplex {
  const listener = docker.listener(sandbox, port)
  if (listener === undefined) {
    const both = 'IPv4: 127.0.0.1: connection refused, IPv6: [::1]: connection refused'
    throw new KubeletError(
      'unavailable',
      `failed to connect to localhost:${port} inside namespace "${sandbox}", ${both}`,
    )
  }
  const [client, server] = duplexPair({ allowHalfOpen: true })
  for (const [own, other] of [
    [client, server],
    [server, client],
  ] as const) {
    own.on('error', () => {})
    own.once('close', () => other.destroy())
  }
  const end = (): void => void client.destroy(new KubeletError('aborted', 'The call to Docker was aborted'))
  signal.addEventListener('abort', end, { once: true })
  const following = docker.listen((event) => {
    if (event.kind === 'container' && event.action === 'die' && event.container.id === sandbox) client.destroy()
  })
  client.once('close', () => {
    signal.removeEventListener('abort', end)
    following[Symbol.dispose]()
  })
  listener(server)
  return client
}
