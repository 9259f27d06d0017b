import { jsonAnswer, plainAnswer, type Answer } from './answers.ts'
import { openHttpPort } from './http-port.ts'
import type { OpenPort } from './listen.ts'
import type { ServedPods } from './served-pods.ts'

export interface ReadOnlyOptions {
  readonly address: string
  readonly port: number
  readonly pods: Pick<ServedPods, 'all'>
}

/** Opens the kubelet's read-only port: `/healthz` and `/pods`, without authentication. See `listen` for errors. */
export function openReadOnly({ address, port, pods }: ReadOnlyOptions): Promise<OpenPort> {
  const list = (): Answer => jsonAnswer({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: pods.all() })
  const routes = new Map([
    ['/healthz', () => plainAnswer(200, 'ok')],
    ['/pods', list],
    ['/pods/', list],
  ])
  return openHttpPort({ address, port, flag: 'read-only-port', routes })
}
