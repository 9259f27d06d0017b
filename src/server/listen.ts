import type { Server as HttpServer } from 'node:http'
import { isIPv6, type AddressInfo, type Server } from 'node:net'
import { KubeletError } from '../model/errors.ts'

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
}

/** A port that is open until it is disposed. */
export interface OpenPort extends AsyncDisposable {
  readonly address: string
  readonly port: number
}

/** Listens, and returns where. Throws `configuration`, naming the flag, when the port is taken or not ours to take. */
export async function listen(server: Server, options: ListenOptions): Promise<{ address: string; port: number }> {
  await listening(server, options)
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

/** Closes a port, and what is under way on it. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}
