import { KubeletError } from '../model/errors.ts'
import type { Logger } from '../util/log.ts'
import { backOffMs, defaultBackOff, pause } from './back-off.ts'
import type { CredentialProvider } from './credentials.ts'
import { KubeClient, type RequestAnswer } from './kube-client.ts'
import { KubeCluster } from './kube-cluster.ts'

/** How long the API server is waited for at the start: one that is being restarted comes back within this time. */
const firstContactMs = 10_000

export interface ConnectOptions {
  readonly credentials: CredentialProvider
  /** How messages name where they come from: `kubeconfig "/path" (--kubeconfig)`. */
  readonly origin: string
  /** The `user-agent` in the API server's audit log. */
  readonly userAgent: string
  readonly log: Logger
  /** See KubeClientOptions. */
  readonly onAnswer?: (answer: RequestAnswer) => void
  /** How long the server is waited for. Default: 10 s. */
  readonly patienceMs?: number
}

export interface ConnectedCluster {
  readonly cluster: KubeCluster
  /** The certificates (PEM) that vouch for the API server, as the kubeconfig has them now; `undefined` for the system's. */
  readonly authority: (signal: AbortSignal) => Promise<string | undefined>
}

/**
 * Connects to the API server of a kubeconfig. Throws `configuration` for a kubeconfig that can't be used, at once;
 * `unavailable`, naming the file, for a server that has not answered within `patienceMs`: without it an agent of a
 * cluster has nothing to do, and whoever started it should hear of it. Later outages are waited out.
 */
export async function connectCluster(
  { credentials, origin, userAgent, log, onAnswer = () => {}, patienceMs = firstContactMs }: ConnectOptions,
  signal: AbortSignal,
): Promise<ConnectedCluster> {
  const client = new KubeClient({ credentials, userAgent, onAnswer })
  const cluster = new KubeCluster(client, {
    onUndecodable: (message) => log.warn('A Pod of the API server is passed over', { reason: message }),
  })
  try {
    const version = await firstAnswer(cluster, { log, patienceMs }, signal)
    log.info('Connected to the API server', { version })
    return { cluster, authority: async (asked) => (await credentials.current(asked)).ca }
  } catch (error) {
    cluster.close()
    if (!KubeletError.is(error, 'unavailable')) throw error
    const message = `${error.message}; check the server in the ${origin}, and that it runs`
    throw new KubeletError('unavailable', message, { cause: error })
  }
}

async function firstAnswer(
  cluster: KubeCluster,
  { log, patienceMs }: { readonly log: Logger; readonly patienceMs: number },
  signal: AbortSignal,
): Promise<string> {
  const untilMs = Date.now() + patienceMs
  for (let failures = 0; ; failures += 1) {
    try {
      return await cluster.version(signal)
    } catch (error) {
      if (!KubeletError.is(error, 'unavailable', 'throttled', 'internal')) throw error
      const waitMs = backOffMs(failures, error, defaultBackOff, Math.random())
      if (Date.now() + waitMs > untilMs) throw error
      if (failures === 0) log.warn('The API server does not answer yet', { error })
      await pause(waitMs, signal)
    }
  }
}
