import type { IncomingMessage, ServerResponse } from 'node:http'
import { promisify } from 'node:util'
import { gzip } from 'node:zlib'
import { expositionType } from '../../metrics/exposition.ts'

/** Scrapes are many and their text says the same again and again: the fastest level takes a tenth of it. */
const level = 1

/** Answers a scrape, packed where the client can unpack it, as promhttp does it. Rejects when the client has gone. */
export async function sendMetrics(request: IncomingMessage, response: ServerResponse, text: string): Promise<void> {
  const isPacked = acceptsGzip(request.headers['accept-encoding'] ?? '')
  const body = isPacked ? await promisify(gzip)(text, { level }) : Buffer.from(text)
  response.writeHead(200, {
    'content-type': expositionType,
    'content-length': body.length,
    'x-content-type-options': 'nosniff',
    ...(isPacked ? { 'content-encoding': 'gzip' } : {}),
  })
  response.end(body)
}

/** Whether an `Accept-Encoding` has gzip, and not only to say that it is not wanted. */
function acceptsGzip(header: string | readonly string[]): boolean {
  return String(header)
    .split(',')
    .some((part) => /^\s*gzip\s*(?:;\s*q=(?!0(?:\.0*)?\s*$).*)?$/u.test(part))
}
