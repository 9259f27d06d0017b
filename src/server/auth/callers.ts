/** Who somebody is by what was shown: the rules of apiserver's authenticators for certificates, groups and strangers. */
import type { Caller } from '../../model/access.ts'

/** What Node says of a certificate: an attribute that stands in the subject more than once is a list. */
export type CertificateSubject = Readonly<Record<string, string | readonly string[] | undefined>>

const uidAttribute = '1.3.6.1.4.1.57683.2'
const allAuthenticated = 'system:authenticated'
const allUnauthenticated = 'system:unauthenticated'

export const anonymous: Caller = { name: 'system:anonymous', uid: '', groups: [allUnauthenticated], extra: {} }

/**
 * The caller whom a verified certificate names: its common name is the user, its organizations are the groups. `undefined`
 * where it names none; words about what is wrong with its UID where that cannot be one. `sha256` is its fingerprint, as
 * `AB:CD:…`.
 */
export function callerOfCertificate(subject: CertificateSubject, sha256: string): Caller | string | undefined {
  // Of several common names the last one counts, as in Go.
  const name = values(subject['CN']).at(-1) ?? ''
  if (name === '') return undefined
  const uids = values(subject[uidAttribute])
  if (uids.length > 1) return `expected 1 UID, but found multiple: ${uids.join(' ')}`
  if (uids[0] === '') return 'UID cannot be an empty string'
  const id = `X509SHA256=${sha256.replaceAll(':', '').toLowerCase()}`
  const extra = { 'authentication.kubernetes.io/credential-id': [id] }
  return { name, uid: uids[0] ?? '', groups: values(subject['O']), extra }
}

/** Whoever was recognized belongs to `system:authenticated`, unless its groups already say which of the two it is. */
export function authenticated(caller: Caller): Caller {
  const isSaid = caller.groups.some((group) => group === allAuthenticated || group === allUnauthenticated)
  if (isSaid || caller.name === anonymous.name) return caller
  return { ...caller, groups: [...caller.groups, allAuthenticated] }
}

function values(value: string | readonly string[] | undefined): readonly string[] {
  if (value === undefined) return []
  return typeof value === 'string' ? [value] : value
}
