import { cipherSuites, suitesOf13, tlsVersions, type TlsVersionName } from '../../util/tls-names.ts'
import { decoded, listType, refused, textType } from './value-type.ts'

/** Go's name of a version of TLS; the empty text means the default. */
export const tlsVersion = textType<TlsVersionName>(Object.keys(tlsVersions).join('|'), (value) => {
  if (value === '') return decoded('VersionTLS12')
  return isVersion(value) ? decoded(value) : refused(`one of ${quoted(Object.keys(tlsVersions))}`)
})

/** Go's names of cipher suites. */
export const tlsCipherSuites = listType<readonly string[]>('SUITE,...', (items) => {
  const wrong = items.find((item) => !Object.hasOwn(cipherSuites, item) && !suitesOf13.includes(item))
  if (wrong === undefined) return decoded(items)
  const reason = /RC4|3DES/u.test(wrong) ? 'is broken, and no longer served' : 'is none that is known'
  return refused(
    `cipher suites by Go's names, such as "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", and "${wrong}" ${reason}`,
  )
})

function isVersion(value: string): value is TlsVersionName {
  return Object.hasOwn(tlsVersions, value)
}

function quoted(words: readonly string[]): string {
  return words.map((word) => `"${word}"`).join(', ')
}
