const offsetBasis = 0x6c62272e07bb014262b821756295c58dn
const prime = 0x0000000001000000000000000000013bn
const mask = (1n << 128n) - 1n

/** The 128-bit FNV-1a hash of a text's UTF-8 bytes, as 32 hexadecimal digits. */
export function fnv128a(text: string): string {
  let hash = offsetBasis
  for (const byte of new TextEncoder().encode(text)) hash = ((hash ^ BigInt(byte)) * prime) & mask
  return hash.toString(16).padStart(32, '0')
}
