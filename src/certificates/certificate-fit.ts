import type { KeyPair } from './key-pair.ts'
import type { RequestTemplate } from './x509/request.ts'

/**
 * Whether a certificate has all that would be asked for now; what it has more does no harm (client-go's
 * certificate_manager.go, certSatisfiesTemplate).
 */
export function satisfies({ leaf }: KeyPair, { subject, names }: RequestTemplate): boolean {
  const attributes = leaf.subject.split('\n')
  const own = new Set((leaf.subjectAltName ?? '').toLowerCase().split(', '))
  return (
    attributes.includes(`CN=${subject.commonName}`) &&
    (subject.organizations ?? []).every((name) => attributes.includes(`O=${name}`)) &&
    names.dnsNames.every((name) => own.has(`dns:${name.toLowerCase()}`)) &&
    names.ipAddresses.every((address) => leaf.checkIP(address) !== undefined)
  )
}

/**
 * When a certificate is to be replaced, epoch milliseconds: after 70 to 90 % of its life, so that the nodes of a
 * cluster do not all come at once (jitteryDuration). `random` is in [0, 1).
 */
export function rotationTime({ leaf }: KeyPair, random: number): number {
  const fromMs = leaf.validFromDate.getTime()
  return fromMs + (leaf.validToDate.getTime() - fromMs) * (0.7 + 0.2 * random)
}

/** The wait after so many failures in a row: 2, 4, 8 and 16 s, and then 32 s each. */
export function retryMs(failures: number): number {
  return 1000 * 2 ** Math.min(failures, 5)
}
