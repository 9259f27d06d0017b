const escapes: Readonly<Record<string, string>> = {
  '"': String.raw`\"`,
  '\\': String.raw`\\`,
  '\u0007': String.raw`\a`,
  '\b': String.raw`\b`,
  '\f': String.raw`\f`,
  '\n': String.raw`\n`,
  '\r': String.raw`\r`,
  '\t': String.raw`\t`,
  '\v': String.raw`\v`,
}

/** A text in double quotes, as Go writes one (strconv.Quote): what can't be printed is escaped. */
export function goQuote(text: string): string {
  return `"${text.replaceAll(/["\\]|[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/gu, escaped)}"`
}

function escaped(character: string): string {
  const known = escapes[character]
  if (known !== undefined) return known
  const hex = (character.codePointAt(0) ?? 0).toString(16)
  if (hex.length <= 2 && character < '\u0080') return String.raw`\x${hex.padStart(2, '0')}`
  return hex.length <= 4 ? String.raw`\u${hex.padStart(4, '0')}` : String.raw`\U${hex.padStart(8, '0')}`
}
