/** Who a node is when its agent starts. */
import type { CredentialProvider } from '../../cluster/credentials.ts'
import { KubeletError } from '../../model/errors.ts'
import type { Logger } from '../../util/log.ts'
import type { CertificateStore } from '../certificate-store.ts'
import { isExpired, parseKeyPair, type KeyPair } from '../key-pair.ts'

/** Whether a kubeconfig has a certificate, and that has not ended (bootstrap.go, isClientConfigStillValid). */
export async function hasCertificate(
  credentials: CredentialProvider,
  { kubeconfig, log }: { readonly kubeconfig: string; readonly log: Logger },
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
  return false
}

/**
 * What a node that renews its certificate begins with: what it got last, else what its kubeconfig says. A certificate
 * that is in the kubeconfig itself is of somebody's making, perhaps with more rights than a node's: it is replaced at once.
 */
export async function firstCertificate(
  store: CertificateStore,
  credentials: CredentialProvider,
  signal: AbortSignal,
): Promise<{ readonly first: KeyPair | undefined; readonly isProvisional: boolean }> {
  const stored = await store.current()
  if (stored !== undefined && !isExpired(stored, Date.now())) return { first: stored, isProvisional: false }
  const { certificate, key, files } = await credentials.current(signal)
  if (certificate === undefined || key === undefined) return { first: undefined, isProvisional: true }
  const given = pairOf(certificate, key)
  if (files.certificate !== undefined) return { first: given, isProvisional: false }
  if (!isExpired(given, Date.now())) await store.update(given, Date.now())
  return { first: given, isProvisional: true }
}

function pairOf(certificate: string, key: string): KeyPair {
  try {
    return parseKeyPair(certificate, key)
  } catch (error) {
    const { message } = KubeletError.from(error)
    const text = `Cannot use the client certificate of the kubeconfig (--kubeconfig): ${message}`
    throw new KubeletError('configuration', text, { cause: error })
  }
}
