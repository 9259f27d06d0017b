import type { Method, Route } from './route.ts'

/** What the table has for a request. */
export type RouteMatch =
  | { readonly kind: 'route'; readonly route: Route; readonly params: Readonly<Record<string, string>> }
  /** The path is known, with other methods. */
  | { readonly kind: 'wrong-method'; readonly methods: readonly Method[] }
  | { readonly kind: 'unknown' }

/** Looks a request up in the table; the first route that fits is taken. A slash at the end of a path means nothing. */
export function findRoute(routes: readonly Route[], method: string, path: string): RouteMatch {
  const words = wordsOf(path)
  if (words === undefined) return { kind: 'unknown' }
  const others: Method[] = []
  for (const route of routes) {
    const params = matchPattern(wordsOf(route.pattern) ?? [], words)
    if (params === undefined) continue
    if (route.methods.some((candidate) => candidate === method)) return { kind: 'route', route, params }
    others.push(...route.methods)
  }
  return others.length === 0 ? { kind: 'unknown' } : { kind: 'wrong-method', methods: others }
}

/** The words between the slashes, decoded; `undefined` for a path that cannot be decoded. */
function wordsOf(path: string): readonly string[] | undefined {
  const words = path.split('/').slice(1)
  if (words.at(-1) === '') words.pop()
  try {
    return words.map((word) => decodeURIComponent(word))
  } catch {
    return undefined
  }
}

function matchPattern(
  pattern: readonly string[],
  words: readonly string[],
): Readonly<Record<string, string>> | undefined {
  const params: Record<string, string> = {}
  for (const [index, part] of pattern.entries()) {
    if (part === '*') return { ...params, '*': words.slice(index).join('/') }
    const word = words[index]
    if (word === undefined) return undefined
    if (part.startsWith(':')) params[part.slice(1)] = word
    else if (part !== word) return undefined
  }
  return pattern.length === words.length ? params : undefined
}
