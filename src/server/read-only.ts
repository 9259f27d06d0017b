import type { Pod } from '../model/kube.ts'
import { openHttpPort, plainText, type HttpPort, type PlainAnswer } from './http-port.ts'

export interface ReadOnlyOptions {
  readonly address: string
  readonly port: number
  /** The Pods that the agent knows, static ones included, with their newest status. */
  readonly pods: () => Iterable<Pod>
}

/** Opens the kubelet's read-only port: `/healthz` and `/pods`, without authentication. See openHttpPort for errors. */
export function openReadOnly({ address, port, pods }: ReadOnlyOptions): Promise<HttpPort> {
  const list = (): PlainAnswer => podList(pods())
  const routes = new Map([
    ['/healthz', () => plainText(200, 'ok')],
    ['/pods', list],
    ['/pods/', list],
  ])
  return openHttpPort({ address, port, flag: 'read-only-port', routes })
}

function podList(pods: Iterable<Pod>): PlainAnswer {
  const list = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [...pods] }
  return { status: 200, contentType: 'application/json', body: JSON.stringify(list) }
}
