import type { KubeletConfig } from '../../config/config.ts'
import type { Logger } from '../../util/log.ts'
import { CertificateManager } from '../certificate-manager.ts'
import { CertificateStore } from '../certificate-store.ts'
import { isExpired, type KeyPair } from '../key-pair.ts'
import { servingSigner, servingTemplate, type NodeAddress } from '../requests/node-request.ts'
import type { CertificateSource } from '../requests/request-certificate.ts'
import { readPair } from './certificate-files.ts'

export interface RequestedServingOptions {
  readonly config: Pick<KubeletConfig, 'nodeName' | 'certificates'>
  readonly source: CertificateSource
  /** The addresses of the Node, as the API server was told of them last. */
  readonly addresses: () => readonly NodeAddress[]
  readonly onChange: () => void
  readonly log: Logger
}

/**
 * The serving certificate that the cluster signs, for the addresses of the Node (pkg/kubelet/certificate/kubelet.go,
 * NewKubeletServerCertificateManager). It begins with the one that is stored, else with that of `--tls-cert-file`. Throws
 * `configuration` for a stored one that cannot be used.
 */
export async function requestedServing(options: RequestedServingOptions): Promise<CertificateManager> {
  const { config, source, addresses, onChange, log } = options
  const store = new CertificateStore(config.certificates.folder, 'kubelet-server')
  return new CertificateManager({
    signerName: servingSigner,
    template: () => servingTemplate(config.nodeName, addresses()),
    store,
    first: (await usable(store.current())) ?? (await given(options)),
    isProvisional: false,
    source: async () => source,
    onChange,
    random: Math.random,
    log,
  })
}

async function given({ config, log }: RequestedServingOptions): Promise<KeyPair | undefined> {
  const paths = config.certificates.servingFiles
  if (paths === undefined) return undefined
  try {
    return await usable(readPair(paths))
  } catch (error) {
    log.warn('The certificate of --tls-cert-file cannot be used until the cluster has signed one', { error })
    return undefined
  }
}

async function usable(pair: Promise<KeyPair | undefined>): Promise<KeyPair | undefined> {
  const read = await pair
  return read === undefined || isExpired(read, Date.now()) ? undefined : read
}
