import { readdirSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'

/** One import, re-export or dynamic import of a file. */
export interface Import {
  /** A file of ours as its path under src (`model/pod.ts`), else the name of the package (`node:fs`, `pino`). */
  readonly target: string
  /** `type` vanishes when types are stripped; `lazy` is loaded when the line is reached. */
  readonly kind: 'type' | 'value' | 'lazy'
  /** What is taken from it by name; empty for all of it. */
  readonly names: readonly string[]
}

export interface SourceFile {
  /** Under src: `plan/back-off.ts`. */
  readonly path: string
  /** The first folder, or the file's own name for one that lies in src itself. */
  readonly room: string
  readonly imports: readonly Import[]
  /** The text with comments and the content of literals blanked out, line for line. */
  readonly code: string
}

/** Every TypeScript file below `folder`, which is src. */
export function readSources(folder: string): readonly SourceFile[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((path) => path.endsWith('.ts'))
    .toSorted()
    .map((path) => parseSource(path, readFileSync(join(folder, path), 'utf8')))
}

/** One file from its text. Goes by how oxfmt lays out code: what stands at the top begins its line. */
export function parseSource(path: string, text: string): SourceFile {
  const code = blanked(text)
  return { path, room: path.split('/')[0] ?? path, imports: importsOf(path, text, code), code }
}

const staticImport = /^(?:import|export)\s+(type\s)?(?:([^'";=()]*?)\sfrom\s+)?'([^']+)'/gmu
const lazyImport = /\b(?:import|require)\(\s*'([^']+)'/gu

function importsOf(path: string, text: string, code: string): readonly Import[] {
  const found: Import[] = []
  for (const { 1: type, 2: clause = '', 3: name = '', index } of text.matchAll(staticImport)) {
    if (!isCode(code, index)) continue
    found.push({ target: resolve(path, name), kind: type === undefined ? 'value' : 'type', names: namesOf(clause) })
  }
  for (const { 1: name = '', index } of text.matchAll(lazyImport)) {
    if (isCode(code, index)) found.push({ target: resolve(path, name), kind: 'lazy', names: [] })
  }
  return found
}

/** `{ a, b as c }` takes `a` and `b`; a default or a namespace takes all. */
function namesOf(clause: string): readonly string[] {
  const list = /^\{([^}]*)\}$/u.exec(clause.trim())?.[1] ?? ''
  return list
    .split(',')
    .map((name) => name.trim().split(/\s+as\s+/u)[0] ?? '')
    .filter((name) => name !== '')
}

function isCode(code: string, index: number): boolean {
  return code[index] !== ' '
}

function resolve(path: string, name: string): string {
  return name.startsWith('.') ? posix.join(posix.dirname(path), name) : packageName(name)
}

/** `pino/file` and `@scope/name/file` are their packages; `node:fs/promises` is `node:fs`. */
function packageName(name: string): string {
  return name
    .split('/')
    .slice(0, name.startsWith('@') ? 2 : 1)
    .join('/')
}

/** What may stand before a slash that begins a regular expression. */
const beforeRegex = /(?:^|[(,=:[!&|?{};+\n]|=>|\breturn)\s*$/u

/** Replaces comments, and what stands in strings, templates and regular expressions, by blanks; lines stay. */
function blanked(text: string): string {
  let code = ''
  /** How deep in braces each open template was left for a `${`. */
  const templates: number[] = []
  let depth = 0
  let index = 0
  const skipTo = (end: number): void => {
    code += text.slice(index, end).replaceAll(/[^\n]/gu, ' ')
    index = end
  }
  const keep = (): void => {
    code += text[index]
    index += 1
  }
  const template = (): void => {
    const end = endOf(text, index, /`|\$\{/u)
    skipTo(end)
    if (text.startsWith('${', index)) {
      templates.push(depth)
      depth += 1
      skipTo(index + 2)
    } else keep()
  }
  while (index < text.length) {
    const char = text[index]
    if (text.startsWith('//', index)) skipTo(endOf(text, index, /\n/u))
    else if (text.startsWith('/*', index)) skipTo(text.indexOf('*/', index) + 2)
    else if (char === "'" || char === '"') {
      keep()
      skipTo(endOf(text, index, char === "'" ? /'/u : /"/u))
      keep()
    } else if (char === '`') {
      keep()
      template()
    } else if (char === '/' && beforeRegex.test(code)) {
      keep()
      skipTo(endOf(text, index, /\//u, true))
      keep()
    } else if (char === '}' && templates.at(-1) === depth - 1) {
      depth -= 1
      templates.pop()
      skipTo(index + 1)
      template()
    } else {
      if (char === '{') depth += 1
      if (char === '}') depth -= 1
      keep()
    }
  }
  return code
}

/** Where the first `stop` stands from `from` on that is not behind a backslash (nor, with `classes`, in brackets). */
function endOf(text: string, from: number, stop: RegExp, classes = false): number {
  let isInClass = false
  for (let index = from; index < text.length; index++) {
    const char = text[index]
    if (char === '\\') index += 1
    else if (classes && char === '[') isInClass = true
    else if (classes && char === ']') isInClass = false
    else if (!isInClass && text.slice(index, index + 2).search(stop) === 0) return index
  }
  return text.length
}
