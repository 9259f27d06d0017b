import type { KeyObject } from 'node:crypto'
import type { Cluster } from '../../cluster/cluster.ts'
import { Deadline } from '../../cluster/http/deadline.ts'
import { listWatch } from '../../cluster/list-watch.ts'
import { KubeletError } from '../../model/errors.ts'
import type { SignerName, SigningRequest, SigningRequestDraft } from '../../model/signing-request.ts'
import { isExpired, parseKeyPair, type KeyPair } from '../key-pair.ts'
import { keyText } from '../x509/signing.ts'
import type { RequestTemplate } from '../x509/request.ts'
import { makeRequest, publicKeyOf } from './make-request.ts'
import { joiningRequestName, signingUsages } from './node-request.ts'

/** Where certificates are asked for. */
export type CertificateSource = Pick<Cluster, 'signingRequests' | 'version'>

export interface CertificateRequest {
  readonly source: CertificateSource
  readonly signerName: SignerName
  readonly template: RequestTemplate
  readonly privateKey: KeyObject
  /** `of-key`: one that follows from the key, so that a request that was made before is found again. */
  readonly naming: 'of-key' | 'new'
  /** How long it is waited for. */
  readonly limitMs: number
  /** Told of the request, which somebody has to approve. */
  readonly onWaiting: (name: string) => void
  /** Told of each failure to hear how it stands; it is asked again. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
}

/**
 * A certificate that the cluster has signed (client-go's util/certificate/csr). Throws what creating the request throws;
 * `forbidden` when it was denied; `conflict` when one of its name is there that cannot be ours, or that has ended;
 * `not-found` when it was deleted; `unavailable` when time is over.
 */
export async function requestCertificate(wanted: CertificateRequest, signal: AbortSignal): Promise<KeyPair> {
  const { source, template, privateKey, signerName } = wanted
  const usages = signingUsages(signerName, privateKey.asymmetricKeyType, await source.version(signal))
  const name = wanted.naming === 'new' ? undefined : joiningRequestName(publicKeyOf(privateKey), template, usages)
  const draft = { name, signerName, usages, request: makeRequest(template, privateKey) }
  const request = await createOrFind(source, draft, publicKeyOf(privateKey), signal)
  wanted.onWaiting(request.metadata.name)
  using deadline = new Deadline(wanted.limitMs, signal)
  const certificatePem = await issued(wanted, request, deadline)
  return fitting(certificatePem, privateKey)
}

async function createOrFind(
  { signingRequests }: CertificateSource,
  draft: SigningRequestDraft,
  publicKey: Buffer,
  signal: AbortSignal,
): Promise<SigningRequest> {
  const { name } = draft
  try {
    return await signingRequests.create(draft, signal)
  } catch (error) {
    if (name === undefined || !KubeletError.is(error, 'conflict')) throw error
  }
  const found = await signingRequests.get(name, signal)
  const der = Buffer.from(found.request.replaceAll(/-----[^-]+-----|\s/gu, ''), 'base64')
  if (found.signerName === draft.signerName && der.includes(publicKey)) return found
  throw new KubeletError('conflict', `retrieved csr is not compatible: "${name}" is not of this node's key and signer`)
}

async function issued(
  { source, onFault }: CertificateRequest,
  { metadata: { name, uid } }: SigningRequest,
  deadline: Deadline,
): Promise<string> {
  const { signingRequests } = source
  const news = listWatch(
    {
      what: `certificate signing request "${name}"`,
      list: (listSignal) => signingRequests.list(name, listSignal),
      watch: (version, watchSignal) => signingRequests.watch(name, version, watchSignal),
      onFault,
    },
    deadline.signal,
  )
  for await (const each of news) {
    const request = each.kind === 'listed' ? each.items[0] : each.object
    if (request === undefined || each.kind === 'deleted')
      throw new KubeletError('not-found', `csr "${name}" was deleted`)
    if (request.metadata.uid !== uid) throw new KubeletError('conflict', `csr "${name}" changed UIDs`)
    const certificatePem = certificateOf(request)
    if (certificatePem !== undefined) return certificatePem
  }
  if (!deadline.expired) throw new KubeletError('aborted', `Stopped waiting for certificate signing request "${name}"`)
  const text = `timed out waiting for the condition: nobody has approved and signed certificate signing request "${name}"`
  throw new KubeletError('unavailable', text)
}

/** The certificate, if there is one; throws for one that there will never be. */
function certificateOf({ metadata: { name }, verdict }: SigningRequest): string | undefined {
  switch (verdict.kind) {
    case 'pending':
    case 'approved':
      return undefined
    case 'issued':
      return verdict.certificatePem
    case 'denied':
    case 'failed': {
      const text = verdict.kind === 'denied' ? 'is denied' : 'failed'
      const why = `reason: ${verdict.reason}, message: ${verdict.message}`
      throw new KubeletError('forbidden', `certificate signing request "${name}" ${text}, ${why}`)
    }
    default:
      return verdict satisfies never
  }
}

function fitting(certificatePem: string, privateKey: KeyObject): KeyPair {
  try {
    const pair = parseKeyPair(certificatePem, keyText(privateKey))
    if (!isExpired(pair, Date.now())) return pair
  } catch (error) {
    const { message } = KubeletError.from(error)
    throw new KubeletError('internal', `The certificate that was signed cannot be used: ${message}`, { cause: error })
  }
  throw new KubeletError('conflict', 'the certificate for the CSR has expired')
}
