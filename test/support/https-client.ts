import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'
import { openHttpsPort, type HttpsPortOptions } from '../../src/server/https-port.ts'
import type { OpenPort } from '../../src/server/listen.ts'
import type { Route } from '../../src/server/route.ts'
import { quietLog } from './quiet-log.ts'
import { selfSigned } from './self-signed.ts'

/** The agent's HTTPS port with these routes, on which everybody may do anything. */
export function openTestPort(
  routes: readonly Route[],
  more: Pick<HttpsPortOptions, 'onRequest'> = {},
): Promise<OpenPort> {
  return openHttpsPort({
    address: '127.0.0.1',
    port: 0,
    flag: 'port',
    tls: { current: () => selfSigned, onChange: () => ({ [Symbol.dispose]: () => {} }) },
    guard: async () => ({ kind: 'allowed' }),
    routes,
    log: quietLog,
    ...more,
  })
}

/** The answer to a GET, or to a POST of a form, of which nothing has been read. Whoever asked reads or destroys it. */
export async function askPort({ address, port }: OpenPort, path: string, form?: string): Promise<IncomingMessage> {
  const asked = request({ host: address, port, path, agent: false, rejectUnauthorized: false, ...requestOf(form) })
  asked.end(form)
  const [response]: IncomingMessage[] = await once(asked, 'response')
  if (response === undefined) throw new Error(`No answer to GET ${path}`)
  return response
}

export async function readPort(port: OpenPort, path: string): Promise<readonly [number | undefined, string]> {
  const response = await askPort(port, path)
  return [response.statusCode, await text(response)]
}

function requestOf(form: string | undefined): RequestOptions {
  if (form === undefined) return {}
  return { method: 'POST', headers: { 'content-type': 'application/x-www-form-urlencoded' } }
}
