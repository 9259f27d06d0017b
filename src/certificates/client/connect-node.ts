import { connectCluster, type ConnectedCluster, type ConnectOptions } from '../../cluster/connect-cluster.ts'
import { KubeconfigCredentials } from '../../cluster/credentials.ts'
import type { KubeletConfig } from '../../config/config.ts'
import { KubeletError } from '../../model/errors.ts'
import { CertificateManager } from '../certificate-manager.ts'
import { CertificateStore } from '../certificate-store.ts'
import { isExpired, parseKeyPair, type KeyPair } from '../key-pair.ts'
import { clientSigner, clientTemplate } from '../requests/node-request.ts'
import type { CertificateSource } from '../requests/request-certificate.ts'
import { RotatedCredentials } from './rotated-credentials.ts'

export interface ConnectNodeOptions extends Pick<ConnectOptions, 'userAgent' | 'log' | 'onAnswer'> {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'certificates'>
  /** Path of the kubeconfig. */
  readonly kubeconfig: string
}

export interface ConnectedNode extends ConnectedCluster {
  /** Renews the node's certificate; `undefined` where that is somebody else's business. */
  readonly renewal: CertificateManager | undefined
}

/** How long the server is waited for before a node has ever been in its cluster: both may be starting. */
const joiningPatienceMs = 60_000

/**
 * Connects the node to the API server: as whom its kubeconfig says, after it has joined the cluster where that says nobody who
 * is still good and there is a bootstrap kubeconfig. Throws what `connectCluster` and `joinCluster` throw.
 */
export async function connectNode(options: ConnectNodeOptions, signal: AbortSignal): Promise<ConnectedNode> {
  const { config, kubeconfig } = options
  const store = new CertificateStore(config.certificates.folder, 'kubelet-client')
  const bootstrapKubeconfig = config.certificates.bootstrapKubeconfig
  const credentials = credentialsOf(options, kubeconfig, '--kubeconfig')
  const hasJoined = bootstrapKubeconfig === undefined || (await isStillGood(options, credentials, signal))
  if (!hasJoined) await join(options, store, bootstrapKubeconfig, signal)
  const used = hasJoined ? credentials : credentialsOf(options, kubeconfig, '--kubeconfig')
  if (!config.certificates.rotateClient) return { ...(await connect(options, used, signal)), renewal: undefined }
  return connectRenewing(options, { store, bootstrapKubeconfig, credentials: used }, signal)
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
): Promise<ConnectedNode> {
  const { config, log } = options
  const { first, isProvisional } = await firstCertificate(store, credentials, signal)
  const rotated = new RotatedCredentials(credentials)
  rotated.use(first)
  const connected = await connect(options, rotated, signal)
  let bootstrap: BootstrapConnection | undefined
  // A node whose certificate has ended is nobody any more: it asks as it did at first, where it can.
  const source = async (current: KeyPair | undefined, asking: AbortSignal): Promise<CertificateSource> => {
    if (current !== undefined || bootstrapKubeconfig === undefined) return connected.cluster
    bootstrap ??= await connectBootstrap(options, bootstrapKubeconfig, asking)
    return bootstrap.cluster
  }
  const renewal = new CertificateManager({
    signerName: clientSigner,
    template: () => clientTemplate(config.nodeName),
    store,
    first,
    isProvisional,
    source,
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
  const credentials = credentialsOf({ log }, path, flag)
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
  flag: string,
): KubeconfigCredentials {
  return new KubeconfigCredentials({
    kubeconfig,
    flag,
    onFault: (error) => log.warn('Credentials could not be renewed', { error }),
    onChange: () => log.info('The credentials for the API server have changed', { kubeconfig }),
  })
}

function originOf(path: string, flag: string): string {
  return `kubeconfig "${path}" (${flag})`
}

/** Whether a kubeconfig has a certificate, and that has not ended (bootstrap.go, isClientConfigStillValid). */
async function isStillGood(
  { log, kubeconfig }: ConnectNodeOptions,
  credentials: KubeconfigCredentials,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    const { certificate = '', key = '' } = await credentials.current(signal)
    const pair = parseKeyPair(certificate, key)
    if (!isExpired(pair, Date.now())) return true
    log.info('The certificate of the node has ended: it joins the cluster anew', {
      kubeconfig,
      ended: pair.leaf.validTo,
    })
  } catch (error) {
    const { code, message } = KubeletError.from(error)
    if (code === 'aborted') throw error
    log.info('The kubeconfig names no certificate that can be used: the node joins the cluster', {
      kubeconfig,
      reason: message,
    })
  }
  credentials.close()
  return false
}

/**
 * What a node that renews its certificate begins with: what it got last, else what its kubeconfig says. A certificate that is in
 * the kubeconfig itself is of somebody's making, perhaps with more rights than a node's: it is replaced at once.
 */
async function firstCertificate(
  store: CertificateStore,
  credentials: KubeconfigCredentials,
  signal: AbortSignal,
): Promise<{ readonly first: KeyPair | undefined; readonly isProvisional: boolean }> {
  const stored = await store.current()
  if (stored !== undefined && !isExpired(stored, Date.now())) return { first: stored, isProvisional: false }
  const { certificate, key, files } = await credentials.current(signal)
  if (certificate === undefined || key === undefined) return { first: undefined, isProvisional: true }
  const given = parseKeyPair(certificate, key)
  if (files.certificate !== undefined) return { first: given, isProvisional: false }
  if (!isExpired(given, Date.now())) await store.update(given, Date.now())
  return { first: given, isProvisional: true }
}
