import { isIPv6, type AddressInfo, type Server, type Socket } from 'node:net'
import { KubeletError } from '../model/errors.ts'
import type { Logger } from '../util/log.ts'

/** What the kubelet's servers allow a client (pkg/kubelet/server/server.go), as Node's servers take it. */
export const serverLimits = {
  keepAliveTimeout: 90_000,
  requestTimeout: 4 * 3_600_000,
  headersTimeout: 32_000,
  maxHeaderSize: 1024 * 1024,
} as const

export interface ListenOptions {
  readonly address: string
  /** 0 takes any free port. */
  readonly port: number
  /** Named in the error when the port cannot be had. */
  readonly flag: string
  readonly log: Logger
}

/** A port that is open until it is disposed. */
export interface OpenPort extends AsyncDisposable {
  readonly address: string
  readonly port: number
}

/** Listens, and returns where. Throws `configuration`, naming the flag, when the port is taken or not ours to take. */
export async function listen(server: Server, options: ListenOptions): Promise<{ address: string; port: number }> {
  await listening(server, options)
  // A connection that could not be taken, for want of files say, is that client's loss: the next ones are taken again.
  server.on('error', (error) => options.log.warn('A connection could not be taken', { port: options.port, error }))
  // A port must not keep the process alive, nor a client that keeps its connection open.
  server.unref()
  const address = server.address()
  return {
    address: options.address,
    port: isAddressInfo(address) ? address.port : options.port,
  }
}

function listening(server: Server, { address, port, flag }: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      const place = `${isIPv6(address) ? `[${address}]` : address}:${port}`
      reject(
        new KubeletError(
          'configuration',
          `Cannot listen on ${place}: ${reasonOf(error)}; choose another with --${flag}`,
          { cause: error },
        ),
      )
    })
    server.listen({ host: address, port }, resolve)
  })
}

function reasonOf(error: NodeJS.ErrnoException): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return 'the port is taken'
    case 'EADDRNOTAVAIL':
      return 'this host has no such address'
    case 'EACCES':
      return 'the port is not allowed to this user'
    default:
      return error.message
  }
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}

/**
 * What cuts all connections of a server, those in their TLS handshake too, of which `closeAllConnections` does not know: a
 * client that says nothing must not hold up the end. To be called before it listens.
 */
export function cutter(server: Server): () => void {
  const open = new Set<Socket>()
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.once('close', () => open.delete(socket))
  })
  return () => {
    for (const socket of open) socket.destroy()
  }
}

/** Closes a port, and what is under way on it. */
export function closeServer(server: Server, cut: () => void): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    cut()
  })
}
