import type { SecureContextOptions } from 'node:tls'

/** The CAs that a TLS context verifies clients with, as one PEM text; `undefined` where it names none. */
export function clientCa({ ca = [] }: SecureContextOptions): string | undefined {
  const texts = [ca]
    .flat()
    .map(String)
    .filter((text) => text !== '')
  return texts.length === 0 ? undefined : texts.join('\n')
}
