import { isMap, isNode, isScalar, LineCounter, parseAllDocuments, type Document, type Node, type Tags } from 'yaml'

/** A fault in a text that people write, with the line (from 1) where it is. */
export interface SourceFault {
  readonly line: number
  readonly message: string
}

/** Where something is in a document: keys of maps and indexes of lists. */
export type SourcePath = readonly (string | number)[]

/** One document of a text: its value, and the way back from a path to its line. */
export interface SourceDocument {
  readonly value: unknown
  /** The line of the deepest part of `path` that is there. */
  lineOf(path: SourcePath): number
}

export type YamlSource =
  | { readonly kind: 'documents'; readonly documents: readonly SourceDocument[] }
  | { readonly kind: 'faults'; readonly faults: readonly SourceFault[] }

/**
 * YAML as Kubernetes' own tools read it: 1.1, where `yes` is true and `0644` octal, but without base-60 numbers and times
 * (`22:30` stays a text). No pretty errors: they carry an excerpt over several lines.
 */
const dialect = {
  version: '1.1',
  prettyErrors: false,
  customTags: (tags: Tags): Tags => tags.filter((tag) => typeof tag === 'string' || !isTime(tag)),
} as const

function isTime(tag: { readonly tag: string; readonly format?: string }): boolean {
  return tag.tag === 'tag:yaml.org,2002:timestamp' || tag.format === 'TIME'
}

/** Reads YAML, which includes JSON. Documents that are empty, or comments only, are left out. */
export function readYaml(text: string): YamlSource {
  const lines = new LineCounter()
  const parsed = parseAllDocuments(text, { ...dialect, lineCounter: lines })
  const documents = Array.isArray(parsed) ? parsed : []
  const faults = documents.flatMap(({ errors }) =>
    errors.map((error) => ({ line: lines.linePos(error.pos[0]).line, message: oneLine(error.message) })),
  )
  if (faults.length > 0) return { kind: 'faults', faults }
  const filled = documents.filter(
    ({ contents }) => contents !== null && !(isScalar(contents) && contents.value === null),
  )
  return readValues(filled, lines)
}

function readValues(documents: readonly Document.Parsed[], lines: LineCounter): YamlSource {
  try {
    return { kind: 'documents', documents: documents.map((document) => sourceDocument(document, lines)) }
  } catch (error) {
    // toJS throws on an alias without an anchor and on one that would expand without end.
    return {
      kind: 'faults',
      faults: [{ line: 1, message: error instanceof Error ? oneLine(error.message) : String(error) }],
    }
  }
}

function sourceDocument(document: Document.Parsed, lines: LineCounter): SourceDocument {
  const value: unknown = document.toJS()
  return { value, lineOf: (path) => lines.linePos(offsetOf(document, path)).line }
}

/** The offset of the key, or of the list item, that `path` ends with, as deep as it goes. */
function offsetOf(document: Document.Parsed, path: SourcePath): number {
  let offset = document.contents?.range[0] ?? 0
  let node: unknown = document.contents
  for (const step of path) {
    const key = isMap(node) ? node.items.find((pair) => keyText(pair.key) === String(step))?.key : undefined
    const child: unknown = isMap(node) || hasGet(node) ? node.get(step, true) : undefined
    const place = isNode(key) ? key : isNode(child) ? child : undefined
    if (place === undefined) return offset
    offset = startOf(place) ?? offset
    node = child
  }
  return offset
}

function keyText(key: unknown): string | undefined {
  return isScalar(key) ? String(key.value) : undefined
}

function hasGet(node: unknown): node is { get(key: string | number, keepScalar: true): unknown } {
  return typeof node === 'object' && node !== null && 'get' in node && typeof node.get === 'function'
}

function startOf(node: Node): number | undefined {
  return node.range?.[0]
}

function oneLine(message: string): string {
  return message.replaceAll(/\s+/gu, ' ').trim()
}
