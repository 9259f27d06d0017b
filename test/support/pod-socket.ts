import { ChannelClient } from './channel-client.ts'
import { connectSpdy, type SpdyAnswer } from './connect-spdy.ts'
import type { Kubectl } from './kubectl.ts'

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ]
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ]
}

/**
 * What `exec`, `attach` and `portforward` of a Pod are asked for, in the API server's words;
 * `command` is repeated for each word.
 */
export interface PodSocketOptions {
  readonly path: 'exec' | 'attach' | 'portforward'
  readonly query: Readonly<Record<string, string | readonly string[]>>
  readonly protocols: readonly string[]
}

/** A WebSocket to a Pod, through the API server. */
export async function openPodSocket(kubectl: Kubectl, pod: string, options: PodSocketOptions): Promise<ChannelClient> {
  const { url, credentials } = await podPlace(kubectl, pod, options)
  url.protocol = 'wss:'
  return ChannelClient.connect(url.href, options.protocols, credentials)
}

/** A connection of SPDY to a Pod, through the API server. */
export async function openPodSpdy(
  kubectl: Kubectl,
  pod: string,
  options: PodSocketOptions & { readonly method: 'GET' | 'POST' },
): Promise<SpdyAnswer> {
  const { url, credentials } = await podPlace(kubectl, pod, options)
  const { hostname: host, port, pathname, search } = url
  const request = { host, port, path: pathname + search, method: options.method, ...credentials }
  return connectSpdy(request, ...options.protocols)
}

interface PodPlace {
  readonly url: URL
  readonly credentials: Readonly<Record<'ca' | 'cert' | 'key', Buffer>>
}

async function podPlace(
  kubectl: Kubectl,
  pod: string,
  { path, query }: Pick<PodSocketOptions, 'path' | 'query'>,
): Promise<PodPlace> {
  const config: Kubeconfig = JSON.parse(
    await kubectl.run('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'),
  )
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  const url = new URL(`/api/v1/namespaces/${kubectl.namespace}/pods/${pod}/${path}`, cluster.server)
  for (const [name, values] of Object.entries(query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value)
  }
  return {
    url,
    credentials: {
      ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
      cert: Buffer.from(user['client-certificate-data'], 'base64'),
      key: Buffer.from(user['client-key-data'], 'base64'),
    },
  }
}
