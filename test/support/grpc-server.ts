import { createServer, type ServerHttp2Stream } from 'node:http2'
import { Loopback } from './loopback.ts'

/** What a gRPC server says of its health. */
export type GrpcHealth =
  /** 1 is SERVING. */
  | { readonly kind: 'status'; readonly status: number }
  | { readonly kind: 'error'; readonly code: number; readonly message: string }
  | { readonly kind: 'silence' }

/** A call that came, as far as a test wants to know. */
export interface GrpcCall {
  readonly path: string
  readonly userAgent: string
  readonly message: string
}

/** A gRPC server without TLS that knows one call, and answers it with what `health` says then. */
export async function grpcServer(health: (call: GrpcCall) => GrpcHealth): Promise<Loopback> {
  const server = createServer()
  server.on('stream', (stream, headers) => {
    const chunks: Buffer[] = []
    stream.on('error', () => {})
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const message = Buffer.concat(chunks).toString('hex')
      answer(stream, health({ path: headers[':path'] ?? '', userAgent: headers['user-agent'] ?? '', message }))
    })
  })
  return Loopback.listen(server)
}

function answer(stream: ServerHttp2Stream, health: GrpcHealth): void {
  const head = { ':status': 200, 'content-type': 'application/grpc' }
  switch (health.kind) {
    case 'status':
      stream.on('wantTrailers', () => stream.sendTrailers({ 'grpc-status': '0' }))
      stream.respond(head, { waitForTrailers: true })
      stream.end(Buffer.from([0, 0, 0, 0, 2, 8, health.status]))
      return
    case 'error':
      stream.respond(
        { ...head, 'grpc-status': String(health.code), 'grpc-message': health.message },
        { endStream: true },
      )
      return
    case 'silence':
      return
    default:
      health satisfies never
  }
}
