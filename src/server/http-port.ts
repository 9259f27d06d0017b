import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { isIPv6, type AddressInfo } from 'node:net'
import { KubeletError } from '../model/errors.ts'
import { http } from '../util/builtin-http.ts'

/** The answer to one GET: what, and as what. */
export interface PlainAnswer {
  readonly status: number
  readonly contentType: 'text/plain; charset=utf-8' | 'application/json'
  readonly body: string
}

export interface HttpPortOptions {
  readonly address: string
  /** 0 takes any free port. */
  readonly port: number
  /** Named in the error when the port cannot be had. */
  readonly flag: string
  /** Answers by path. Anything else, and any other method than GET and HEAD, is refused. */
  readonly routes: ReadonlyMap<string, () => PlainAnswer>
}

/** A plain HTTP port that is open until it is disposed. */
export interface HttpPort extends AsyncDisposable {
  readonly address: string
  readonly port: number
}

/** Opens the port. Throws `configuration`, naming the flag, when it is taken or not ours to take. */
export async function openHttpPort(options: HttpPortOptions): Promise<HttpPort> {
  const server = http.createServer((request, response) => answer(options.routes, request, response))
  await listen(server, options)
  // A port must not keep the process alive, nor a client that keeps its connection open.
  server.unref()
  const address = server.address()
  return {
    address: options.address,
    port: isAddressInfo(address) ? address.port : options.port,
    [Symbol.asyncDispose]: () => close(server),
  }
}

export function plainText(status: number, body: string): PlainAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body }
}

function answer(routes: HttpPortOptions['routes'], request: IncomingMessage, response: ServerResponse): void {
  const result = resultOf(routes, request)
  response.writeHead(result.status, { 'content-type': result.contentType, 'x-content-type-options': 'nosniff' })
  response.end(request.method === 'HEAD' ? undefined : result.body)
}

function resultOf(routes: HttpPortOptions['routes'], request: IncomingMessage): PlainAnswer {
  const path = (request.url ?? '/').split('?', 1)[0] ?? '/'
  const route = routes.get(path)
  if (route === undefined) return plainText(404, '404 page not found\n')
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainText(405, 'Method Not Allowed\n')
  return route()
}

function listen(server: Server, { address, port, flag }: HttpPortOptions): Promise<void> {
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

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve())
    server.closeAllConnections()
  })
}

function isAddressInfo(address: AddressInfo | string | null): address is AddressInfo {
  return typeof address === 'object' && address !== null
}
