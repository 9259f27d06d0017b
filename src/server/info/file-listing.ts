/** What Go's file server makes of folders and files (net/http/fs.go): listings, ranges, kinds of content. */

export interface ListedFile {
  readonly name: string
  readonly isFolder: boolean
}

/** A folder as a page. */
export function listingPage(files: readonly ListedFile[]): string {
  const names = files.map(({ name, isFolder }) => (isFolder ? `${name}/` : name)).toSorted(byBytes)
  const lines = names.map((name) => `<a href="${escapeHtml(reference(name))}">${escapeHtml(name)}</a>\n`)
  return `<!doctype html>\n<meta name="viewport" content="width=device-width">\n<pre>\n${lines.join('')}</pre>\n`
}

/** Part of a file: the first byte and the last. */
export type ByteRange =
  | { readonly kind: 'all' }
  | { readonly kind: 'part'; readonly first: number; readonly last: number }
  | { readonly kind: 'none' }

/** The one range that a `Range` header names; all of the file for a header with several, or that makes no sense. */
export function byteRange(header: string | undefined, size: number): ByteRange {
  const [, from = '', to = ''] = /^bytes=\s*(\d*)\s*-\s*(\d*)\s*$/u.exec(header ?? '') ?? []
  if (from === '' && to === '') return { kind: 'all' }
  const last = from === '' ? size - 1 : Math.min(to === '' ? size - 1 : Number(to), size - 1)
  const first = from === '' ? Math.max(0, size - Number(to)) : Number(from)
  if (from !== '' && to !== '' && Number(to) < Number(from)) return { kind: 'all' }
  return first > last ? { kind: 'none' } : { kind: 'part', first, last }
}

/** What a file holds, by how it begins. It is never called anything that a browser would run. */
export function contentType(beginning: Buffer): string {
  if (beginning.length > 2 && beginning[0] === 0x1f && beginning[1] === 0x8b) return 'application/x-gzip'
  const isText = !beginning.some((byte) => byte <= 8 || byte === 0x0b || (byte >= 0x0e && byte < 0x20 && byte !== 0x1b))
  return isText ? 'text/plain; charset=utf-8' : 'application/octet-stream'
}

/** A relative reference: a name with a colon would otherwise begin like the scheme of a URL. */
function reference(name: string): string {
  const escaped = name.split('/').map(encodeURIComponent).join('/')
  return name.includes(':') ? `./${escaped}` : escaped
}

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&#34;',
  "'": '&#39;',
}

function escapeHtml(text: string): string {
  return text.replaceAll(/[&<>"']/gu, (character) => entities[character] ?? character)
}

function byBytes(one: string, other: string): number {
  return Buffer.compare(Buffer.from(one), Buffer.from(other))
}
