/** Which rights to this node a path needs. Rule: pkg/kubelet/server/auth.go, with fine-grained authorization on (1.36). */

/** In the order of the kubelet's table; each stands for itself and what lies below it. The first that fits counts. */
const table: readonly (readonly [path: string, subresources: readonly [string, ...string[]]])[] = [
  ['/pods', ['pods', 'proxy']],
  ['/runningpods', ['pods', 'proxy']],
  ['/healthz', ['healthz', 'proxy']],
  ['/configz', ['configz', 'proxy']],
  ['/stats', ['stats']],
  ['/metrics', ['metrics']],
  ['/logs', ['log']],
  ['/checkpoint', ['checkpoint']],
  ['/statusz', ['statusz']],
  ['/flagz', ['configz']],
]

/**
 * The `nodes/…` subresources of which one is needed, in the order in which they are asked for. `path` is decoded, without
 * its query. Whatever is not in the table, routes that do not exist included, needs `proxy`.
 */
export function subresourcesOf(path: string): readonly [string, ...string[]] {
  const row = table.find(([start]) => path === start || path.startsWith(`${start}/`))
  return row?.[1] ?? ['proxy']
}

/** The API's verb for a method; empty for one that has none, which only rights to every verb cover. */
export function verbOf(method: string): string {
  switch (method) {
    case 'POST':
      return 'create'
    case 'GET':
      return 'get'
    case 'PUT':
      return 'update'
    case 'PATCH':
      return 'patch'
    case 'DELETE':
      return 'delete'
    default:
      return ''
  }
}
