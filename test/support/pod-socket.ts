import { ChannelClient } from './channel-client.ts'
import type { Kubectl } from './kubectl.ts'

interface Kubeconfig {
  readonly clusters: readonly [
    { readonly cluster: { readonly server: string; readonly 'certificate-authority-data': string } },
  ]
  readonly users: readonly [
    { readonly user: { readonly 'client-certificate-data': string; readonly 'client-key-data': string } },
  ]
}

/** What `exec` and `attach` of a Pod are asked for, in the API server's words; `command` is repeated for each word. */
export interface PodSocketOptions {
  readonly path: 'exec' | 'attach'
  readonly query: Readonly<Record<string, string | readonly string[]>>
  readonly protocols: readonly string[]
}

/** A WebSocket to a Pod, through the API server. */
export async function openPodSocket(kubectl: Kubectl, pod: string, options: PodSocketOptions): Promise<ChannelClient> {
  const config: Kubeconfig = JSON.parse(
    await kubectl.run('config', 'view', '--raw', '--minify', '--flatten', '-o', 'json'),
  )
  const { cluster } = config.clusters[0]
  const { user } = config.users[0]
  const url = new URL(`/api/v1/namespaces/${kubectl.namespace}/pods/${pod}/${options.path}`, cluster.server)
  url.protocol = 'wss:'
  for (const [name, values] of Object.entries(options.query)) {
    for (const value of [values].flat()) url.searchParams.append(name, value)
  }
  return ChannelClient.connect(url.href, options.protocols, {
    ca: Buffer.from(cluster['certificate-authority-data'], 'base64'),
    cert: Buffer.from(user['client-certificate-data'], 'base64'),
    key: Buffer.from(user['client-key-data'], 'base64'),
  })
}
