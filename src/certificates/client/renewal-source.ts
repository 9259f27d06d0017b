import type { KeyPair } from '../key-pair.ts'
import type { CertificateSource } from '../requests/request-certificate.ts'

/**
 * Where a node asks for its next certificate: as the node. One whose certificate has ended is nobody any more, and asks
 * as it did at first, where it can: `connectBootstrap` is called once it is needed, and again if it throws.
 */
export function renewalSource(
  asNode: CertificateSource,
  connectBootstrap: ((signal: AbortSignal) => Promise<CertificateSource>) | undefined,
): (current: KeyPair | undefined, signal: AbortSignal) => Promise<CertificateSource> {
  let bootstrap: CertificateSource | undefined
  return async (current, signal) => {
    if (current !== undefined || connectBootstrap === undefined) return asNode
    bootstrap ??= await connectBootstrap(signal)
    return bootstrap
  }
}
