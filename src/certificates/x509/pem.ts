/** PEM: DER in base64, in lines of 64, between two lines that say what it is (RFC 7468). */

/** One block of PEM text, its last line ended. */
export function pemBlock(label: string, der: Buffer): string {
  const lines = der.toString('base64').match(/.{1,64}/gu) ?? []
  return [`-----BEGIN ${label}-----`, ...lines, `-----END ${label}-----`, ''].join('\n')
}

/**
 * The blocks of a text whose label fits, each as it stands there, an end of line after it; what
 * lies between is passed over.
 */
export function pemBlocks(text: string, label: RegExp): readonly string[] {
  const blocks = text.matchAll(/-----BEGIN ([A-Z0-9 ]+)-----[\s\S]*?-----END \1-----/gu)
  return [...blocks].filter(([, found = '']) => label.test(found)).map(([block]) => `${block}\n`)
}
