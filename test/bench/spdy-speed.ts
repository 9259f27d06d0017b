/**
 * How fast bytes go through the SPDY module over loopback, beside what the bare sockets do in the same process:
 * `node test/bench/spdy-speed.ts [MiB]`.
 */
import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import { acceptSpdy } from '../../src/streaming/spdy/connection.ts'
import { encodeControlFrame, encodeDataHeader } from '../../src/streaming/spdy/encode-frames.ts'
import { HeaderDeflater } from '../../src/streaming/spdy/header-compression.ts'
import type { SpdyStream } from '../../src/streaming/spdy/spdy-stream.ts'

/** As much as Go's client sends with a frame. */
const chunk = Buffer.alloc(32 * 1024, 'x')
const frame = Buffer.concat([encodeDataHeader(1, chunk.length, false), chunk])

async function main(mib: number): Promise<void> {
  const chunks = (mib * 1024) / 32
  const rates = {
    'bare, in': await measure(mib, (near, far) => move(far, chunk, chunks, near)),
    'SPDY, in': await measure(mib, async (near, far) => move(far, frame, chunks, await open(near, far))),
    'bare, out': await measure(mib, (near, far) => move(near, chunk, chunks, far)),
    'SPDY, out': await measure(mib, async (near, far) => move(await open(near, far), chunk, chunks, far)),
  }
  for (const [what, rate] of Object.entries(rates)) console.log(`${what.padEnd(10)} ${rate.toFixed(0)} MiB/s`)
}

/** MiB/s of what `run` moves between both ends of a connection. */
async function measure(mib: number, run: (near: Socket, far: Socket) => Promise<void>): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  const far = connect(typeof address === 'object' && address !== null ? address.port : 0, '127.0.0.1')
  const [near] = await once(server, 'connection')
  const startedAt = performance.now()
  await run(near, far)
  const seconds = (performance.now() - startedAt) / 1000
  far.destroy()
  near.destroy()
  server.close()
  return mib / seconds
}

async function open(near: Socket, far: Socket): Promise<SpdyStream> {
  const connection = acceptSpdy(near, Buffer.alloc(0), {
    idleTimeoutMs: 3_600_000,
    signal: new AbortController().signal,
  })
  const start = { kind: 'syn-stream', streamId: 1, fin: false, unidirectional: false, headers: new Map() } as const
  far.write(encodeControlFrame(start, new HeaderDeflater()))
  for await (const stream of connection.streams()) return stream
  throw new Error('no stream came')
}

/** Writes `bytes` so many times, until the other end has read as much. */
async function move(to: Writable, bytes: Buffer, times: number, from: Readable): Promise<void> {
  let left = times * chunk.length
  const { promise: done, resolve } = Promise.withResolvers<void>()
  from.on('data', (part: Buffer) => {
    left -= part.length
    if (left <= 0) resolve()
  })
  for (let count = 0; count < times; count += 1) if (!to.write(bytes)) await once(to, 'drain')
  await Promise.race([done, finished(from)])
}

if (import.meta.main) await main(Number(process.argv[2] ?? 1000))
