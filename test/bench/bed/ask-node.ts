import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { text } from 'node:stream/consumers'
import type { ApiCredentials } from '../../../src/cluster/kubeconfig/api-credentials.ts'

/**
 * What the HTTPS API of a node on this machine answers, shown the client certificate of somebody who may ask. Nodes sign
 * their certificates themselves, so theirs is not looked at. Throws for any other status than 200.
 */
export async function askNode(
  port: number,
  path: string,
  { certificate, key, headers }: ApiCredentials,
  signal: AbortSignal,
): Promise<string> {
  const tls = { cert: certificate, key, rejectUnauthorized: false, agent: false }
  const asked = request({ host: '127.0.0.1', port, path, headers, signal, ...tls }).end()
  const [response]: IncomingMessage[] = await once(asked, 'response')
  if (response === undefined) throw new Error(`No answer to GET ${path}`)
  const body = await text(response)
  if (response.statusCode !== 200) throw new Error(`GET ${path} of a node: ${response.statusCode} ${body}`)
  return body
}
