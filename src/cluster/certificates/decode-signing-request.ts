import { KubeletError } from '../../model/errors.ts'
import type { SigningRequest, SigningRequestDraft, SigningVerdict } from '../../model/signing-request.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../json-object.ts'

/** A request of the API server, or the words for what it lacks. */
export function decodeSigningRequest(value: unknown): SigningRequest | string {
  if (!isJsonObject(value)) return 'it is not an object'
  const [metadata, spec] = [objectAt(value, 'metadata'), objectAt(value, 'spec')]
  const [name, uid] = [stringAt(metadata, 'name'), stringAt(metadata, 'uid')]
  if (name === undefined) return 'it has no metadata.name'
  if (uid === undefined) return 'it has no metadata.uid'
  const resourceVersion = stringAt(metadata, 'resourceVersion')
  return {
    metadata: { name, uid, ...(resourceVersion !== undefined && { resourceVersion }) },
    signerName: stringAt(spec, 'signerName') ?? '',
    request: fromBase64(stringAt(spec, 'request')),
    verdict: verdictOf(objectAt(value, 'status')),
  }
}

/** As `decodeSigningRequest`, where a request is the only sensible answer. Throws `internal`. */
export function requireSigningRequest(what: string, value: unknown): SigningRequest {
  const decoded = decodeSigningRequest(value)
  if (typeof decoded !== 'string') return decoded
  throw new KubeletError('internal', `Cannot ${what}: the server's request is not one: ${decoded}`)
}

/** The object to create. */
export function signingRequestObject({ name, signerName, usages, request }: SigningRequestDraft): JsonObject {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: name === undefined ? { generateName: 'csr-' } : { name },
    spec: { signerName, usages, request: Buffer.from(request).toString('base64') },
  }
}

function verdictOf(status: JsonObject): SigningVerdict {
  const listed: readonly unknown[] = Array.isArray(status['conditions']) ? status['conditions'] : []
  const conditions = listed.filter(isJsonObject)
  const found = (type: string): JsonObject | undefined => conditions.find((condition) => condition['type'] === type)
  const denied = found('Denied')
  if (denied !== undefined) return { kind: 'denied', ...textsOf(denied) }
  const failed = found('Failed')
  if (failed !== undefined) return { kind: 'failed', ...textsOf(failed) }
  if (found('Approved') === undefined) return { kind: 'pending' }
  const certificatePem = fromBase64(stringAt(status, 'certificate'))
  return certificatePem === '' ? { kind: 'approved' } : { kind: 'issued', certificatePem }
}

function textsOf(condition: JsonObject): { readonly reason: string; readonly message: string } {
  return { reason: stringAt(condition, 'reason') ?? '', message: stringAt(condition, 'message') ?? '' }
}

function fromBase64(text: string | undefined): string {
  return Buffer.from(text ?? '', 'base64').toString()
}
