import { once } from 'node:events'
import { request, type RequestOptions } from 'node:https'
import type { IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { run } from '../../support/command.ts'
import type { Kubectl } from '../../support/kubectl.ts'

/** Whom a node's server takes somebody for. */
export type Caller = 'administrator' | 'account' | 'nobody' | 'liar'

export interface Question {
  readonly path: string
  readonly method?: string
  readonly as?: Caller
  readonly headers?: Readonly<Record<string, string | string[]>>
  readonly body?: string
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingMessage['headers']
  readonly body: string
}

interface Credentials {
  readonly cert?: Buffer
  readonly key?: Buffer
  readonly headers?: Readonly<Record<string, string>>
}

/** The HTTPS server of one node on this machine. */
export class ApiServer {
  /** The node's name. */
  readonly node: string
  readonly #place: RequestOptions
  readonly #callers: Readonly<Record<Caller, Credentials>>

  private constructor(node: string, place: RequestOptions, callers: Readonly<Record<Caller, Credentials>>) {
    this.node = node
    this.#place = place
    this.#callers = callers
  }

  /** That of a node whose namespace has the node's name. */
  static async of(kubectl: Kubectl): Promise<ApiServer> {
    const node: { readonly status: { readonly daemonEndpoints: { readonly kubeletEndpoint: { Port: number } } } } =
      await kubectl.get('node', kubectl.namespace)
    const token = await tokenOf(kubectl)
    const bearer = (value: string): Credentials => ({ headers: { authorization: `Bearer ${value}` } })
    return new ApiServer(
      kubectl.namespace,
      { host: '127.0.0.1', port: node.status.daemonEndpoints.kubeletEndpoint.Port },
      { administrator: await certificateOf(kubectl), account: bearer(token), nobody: {}, liar: bearer('e30.e30.c2ln') },
    )
  }

  /** How to ask it, as somebody. */
  options({ path, method = 'GET', as = 'administrator', headers = {} }: Question): RequestOptions {
    const caller = this.#callers[as]
    const options = { ...this.#place, ...caller, path, method, rejectUnauthorized: false, agent: false }
    return { ...options, headers: { ...caller.headers, ...headers } }
  }

  async ask(question: Question): Promise<Answer> {
    const asked = request({ ...this.options(question), signal: AbortSignal.timeout(20_000) })
    asked.end(question.body)
    const [response]: IncomingMessage[] = await once(asked, 'response')
    if (response === undefined) throw new Error(`no answer to ${question.path}`)
    return { status: response.statusCode ?? 0, headers: response.headers, body: await text(response) }
  }
}

async function certificateOf(kubectl: Kubectl): Promise<Credentials> {
  const [binary = '', ...place] = kubectl.command
  const shown = await run(binary, ...place, 'config', 'view', '--raw', '--minify', '--flatten', '-o', 'json')
  const { users } = JSON.parse(shown)
  const decode = (data: string): Buffer => Buffer.from(data, 'base64')
  return { cert: decode(users[0].user['client-certificate-data']), key: decode(users[0].user['client-key-data']) }
}

/** A token of somebody who may do nothing at nodes. */
async function tokenOf(kubectl: Kubectl): Promise<string> {
  const asked = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: { audiences: [] } }
  const path = `/api/v1/namespaces/${kubectl.namespace}/serviceaccounts/default/token`
  const { status } = JSON.parse(await kubectl.feed('create', asked, `--raw=${path}`))
  return status.token
}
