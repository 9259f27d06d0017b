/** A request for a certificate, as the API server keeps it (CertificateSigningRequest, certificates.k8s.io/v1). */

export type SignerName = 'kubernetes.io/kube-apiserver-client-kubelet' | 'kubernetes.io/kubelet-serving'

export type SigningUsage = 'digital signature' | 'key encipherment' | 'client auth' | 'server auth'

export interface SigningRequestDraft {
  /** `undefined` lets the server choose one, which begins with `csr-`. */
  readonly name: string | undefined
  readonly signerName: SignerName
  readonly usages: readonly SigningUsage[]
  /** PKCS 10, in PEM. */
  readonly request: string
}

export interface SigningRequest {
  readonly metadata: { readonly name: string; readonly uid: string; readonly resourceVersion?: string }
  readonly signerName: string
  /** PKCS 10, in PEM. */
  readonly request: string
  readonly verdict: SigningVerdict
}

/** Where a request stands. A denial and a failure are for good, and count for more than an approval. */
export type SigningVerdict =
  | { readonly kind: 'pending' }
  /** Approved, and not signed yet. */
  | { readonly kind: 'approved' }
  /** The certificate, and those that vouch for it, in PEM. */
  | { readonly kind: 'issued'; readonly certificatePem: string }
  | { readonly kind: 'denied' | 'failed'; readonly reason: string; readonly message: string }
