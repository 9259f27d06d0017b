/** What a node asks for when it asks for a certificate (pkg/kubelet/certificate, client-go's util/certificate). */
import { createHash } from 'node:crypto'
import { isIP } from 'node:net'
import type { SignerName, SigningUsage } from '../../model/signing-request.ts'
import type { RequestTemplate } from '../x509/request.ts'

export const clientSigner: SignerName = 'kubernetes.io/kube-apiserver-client-kubelet'
export const servingSigner: SignerName = 'kubernetes.io/kubelet-serving'

/** An address as the Node object has it. */
export interface NodeAddress {
  readonly type: string
  readonly address: string
}

/** The node as a client of the API server. */
export function clientTemplate(nodeName: string): RequestTemplate {
  return { subject: nodeSubject(nodeName), names: { dnsNames: [], ipAddresses: [] } }
}

/** The node as a server, under its addresses; `undefined` as long as none of them is an IP address. */
export function servingTemplate(nodeName: string, addresses: readonly NodeAddress[]): RequestTemplate | undefined {
  const dnsNames = new Set<string>()
  const ipAddresses = new Set<string>()
  for (const { type, address } of addresses) {
    const isAddress = isIP(address) !== 0
    if (address === '') continue
    if (isAddress && ['Hostname', 'InternalIP', 'ExternalIP'].includes(type)) ipAddresses.add(address)
    else if (type === 'Hostname' || type === 'InternalDNS' || type === 'ExternalDNS') dnsNames.add(address)
  }
  if (ipAddresses.size === 0) return undefined
  const names = { dnsNames: [...dnsNames].toSorted(), ipAddresses: [...ipAddresses].toSorted() }
  return { subject: nodeSubject(nodeName), names }
}

/** Servers from 1.27 on know that only RSA enciphers keys; older ones sign no request that does not say it. */
const exactSince = 27

/** What the certificate is to be good for; `serverVersion` is the API server's, `v1.20.2`. */
export function signingUsages(
  signer: SignerName,
  keyType: string | undefined,
  serverVersion: string,
): readonly SigningUsage[] {
  const minor = Number(/^v?1\.(\d+)/u.exec(serverVersion)?.[1] ?? exactSince)
  return [
    'digital signature',
    signer === servingSigner ? 'server auth' : 'client auth',
    ...(keyType === 'rsa' || minor < exactSince ? (['key encipherment'] as const) : []),
  ]
}

/**
 * The name of the request with which a node joins. It follows from what is asked for, so that a node that was interrupted
 * finds its own again (bootstrap.go, digestedName). `publicKey` is a SubjectPublicKeyInfo.
 */
export function joiningRequestName(
  publicKey: Buffer,
  { subject }: RequestTemplate,
  usages: readonly SigningUsage[],
): string {
  const hash = createHash('sha512-256')
  for (const part of [publicKey, subject.commonName, ...(subject.organizations ?? []), ...usages]) {
    hash.update(`${Buffer.from(part).toString('base64url')}|`)
  }
  return `node-csr-${hash.digest('base64url')}`
}

function nodeSubject(nodeName: string): RequestTemplate['subject'] {
  return { commonName: `system:node:${nodeName}`, organizations: ['system:nodes'] }
}
