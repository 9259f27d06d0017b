import { connectCluster, type ConnectedCluster, type ConnectOptions } from '../../cluster/connect-cluster.ts'
import { KubeconfigCredentials } from '../../cluster/credentials.ts'
import type { KubeletConfig } from '../../config/config.ts'
import { Listeners } from '../../util/listeners.ts'
import { CertificateManager } from '../certificate-manager.ts'
import { CertificateStore } from '../certificate-store.ts'
import { clientSigner, clientTemplate } from '../requests/node-request.ts'
import { firstCertificate, hasCertificate } from './first-certificate.ts'
import { renewalSource } from './renewal-source.ts'
import { RotatedCredentials } from './rotated-credentials.ts'

export interface ConnectNodeOptions extends Pick<ConnectOptions, 'userAgent' | 'log' | 'onAnswer'> {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'certificates'>
  /** Path of the kubeconfig. */
  readonly kubeconfig: string
}

export interface ConnectedNode extends ConnectedCluster {
  /** Told when the kubeconfig says something else than before. */
  readonly changes: Listeners
  /** Renews the node's certificate; `undefined` where that is somebody else's business. */
  readonly renewal: CertificateManager | undefined
}

/** How long the server is waited for before a node has ever been in its cluster: both may be starting. */
const joiningPatienceMs = 60_000

/**
 * Connects the node to the API server: as whom its kubeconfig says, after it has joined the cluster where that says
 * nobody who is still good and there is a bootstrap kubeconfig. Throws what `connectCluster` and `joinCluster` throw.
 */
export async function connectNode(options: ConnectNodeOptions, signal: AbortSignal): Promise<ConnectedNode> {
  const { config, kubeconfig } = options
  const store = new CertificateStore(config.certificates.folder, 'kubelet-client')
  const bootstrapKubeconfig = config.certificates.bootstrapKubeconfig
  const changes = new Listeners()
  const credentials = credentialsOf(options, kubeconfig, { changes })
  const hasJoined = bootstrapKubeconfig === undefined || (await hasCertificate(credentials, options, signal))
  if (!hasJoined) {
    credentials.close()
    await join(options, store, bootstrapKubeconfig, signal)
  }
  const used = hasJoined ? credentials : credentialsOf(options, kubeconfig, { changes })
  if (!config.certificates.rotateClient)
    return { ...(await connect(options, used, signal)), changes, renewal: undefined }
  return { ...(await connectRenewing(options, { store, bootstrapKubeconfig, credentials: used }, signal)), changes }
}

interface RenewingParts {
  readonly store: CertificateStore
  readonly bootstrapKubeconfig: string | undefined
  readonly credentials: KubeconfigCredentials
}

async function connectRenewing(
  options: ConnectNodeOptions,
  { store, bootstrapKubeconfig, credentials }: RenewingParts,
  signal: AbortSignal,
): Promise<Omit<ConnectedNode, 'changes'>> {
  const { config, log } = options
  const { first, isProvisional } = await firstCertificate(store, credentials, signal)
  const rotated = new RotatedCredentials(credentials)
  rotated.use(first)
  const connected = await connect(options, rotated, signal)
  const bootstrap =
    bootstrapKubeconfig === undefined
      ? undefined
      : async (asking: AbortSignal) => (await connectBootstrap(options, bootstrapKubeconfig, asking)).cluster
  const renewal = new CertificateManager({
    signerName: clientSigner,
    template: () => clientTemplate(config.nodeName),
    store,
    first,
    isProvisional,
    source: renewalSource(connected.cluster, bootstrap),
    onChange: (pair) => rotated.use(pair),
    random: Math.random,
    log,
  })
  return { ...connected, renewal }
}

async function join(
  options: ConnectNodeOptions,
  store: CertificateStore,
  bootstrapKubeconfig: string,
  signal: AbortSignal,
): Promise<void> {
  const { config, kubeconfig, log } = options
  const { joinCluster } = await import('./join-cluster.ts')
  const { cluster, credentials } = await connectBootstrap(options, bootstrapKubeconfig, signal)
  try {
    const { nodeName, certificates } = config
    const known = await credentials.current(signal)
    const parts = { source: cluster, credentials: known, nodeName, folder: certificates.folder, store, kubeconfig, log }
    await joinCluster(parts, signal)
  } finally {
    cluster.close()
  }
}

interface BootstrapConnection {
  readonly cluster: ConnectedCluster['cluster']
  readonly credentials: KubeconfigCredentials
}

async function connectBootstrap(
  { userAgent, log, onAnswer }: ConnectNodeOptions,
  path: string,
  signal: AbortSignal,
): Promise<BootstrapConnection> {
  const flag = '--bootstrap-kubeconfig'
  const credentials = credentialsOf({ log }, path, { flag })
  const options = { credentials, origin: originOf(path, flag), userAgent, log, patienceMs: joiningPatienceMs }
  const { cluster } = await connectCluster({ ...options, ...(onAnswer && { onAnswer }) }, signal)
  return { cluster, credentials }
}

function connect(
  { kubeconfig, userAgent, log, onAnswer }: ConnectNodeOptions,
  credentials: ConnectOptions['credentials'],
  signal: AbortSignal,
): Promise<ConnectedCluster> {
  const options = { credentials, origin: originOf(kubeconfig, '--kubeconfig'), userAgent, log }
  return connectCluster({ ...options, ...(onAnswer && { onAnswer }) }, signal)
}

function credentialsOf(
  { log }: Pick<ConnectNodeOptions, 'log'>,
  kubeconfig: string,
  { flag = '--kubeconfig', changes }: { readonly flag?: string; readonly changes?: Listeners },
): KubeconfigCredentials {
  return new KubeconfigCredentials({
    kubeconfig,
    flag,
    onFault: (error) => log.warn('Credentials could not be renewed', { error }),
    onChange: () => {
      log.info('The credentials for the API server have changed', { kubeconfig })
      changes?.tell()
    },
  })
}

function originOf(path: string, flag: string): string {
  return `kubeconfig "${path}" (${flag})`
}
