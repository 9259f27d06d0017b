import { isJsonObject, type JsonObject } from '../../src/cluster/json-object.ts'

/** The lists of Pods and Nodes that a strategic merge patch merges by key; any other list is replaced. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  podIPs: 'ip',
  hostIPs: 'ip',
  addresses: 'type',
  ownerReferences: 'uid',
}

const orderDirective = '$setElementOrder/'

/**
 * What the API server makes of `original` when a strategic merge patch comes: maps are merged, `null` removes, keyed
 * lists are merged by their key, with the directives `$patch: delete | replace` and `$setElementOrder/…`. Enough for
 * metadata and status of Pods and Nodes; the contract suite holds it against a real server.
 */
export function strategicMerge(original: JsonObject, patch: JsonObject): JsonObject {
  if (patch['$patch'] === 'replace') return withoutDirectives(patch)
  const merged: Record<string, unknown> = { ...original }
  for (const [key, value] of Object.entries(withoutDirectives(patch))) {
    if (value === null) delete merged[key]
    else merged[key] = mergeMember(key, merged[key], value, patch[orderDirective + key])
  }
  return merged
}

function mergeMember(key: string, original: unknown, value: unknown, order: unknown): unknown {
  if (isJsonObject(value)) return strategicMerge(isJsonObject(original) ? original : {}, value)
  const mergeKey = mergeKeys[key]
  if (mergeKey === undefined || !Array.isArray(value)) return value
  const merged = mergeList(objects(original), objects(value), mergeKey)
  return Array.isArray(order) ? inOrder(merged, objects(order), mergeKey) : merged
}

function mergeList(original: readonly JsonObject[], patch: readonly JsonObject[], key: string): readonly JsonObject[] {
  const changes = patch.filter((item) => item[key] !== undefined)
  if (patch.some((item) => item['$patch'] === 'replace')) return changes
  const merged = [...original]
  for (const change of changes) {
    const at = merged.findIndex((item) => item[key] === change[key])
    if (change['$patch'] === 'delete') merged.splice(at, at === -1 ? 0 : 1)
    else if (at === -1) merged.push(strategicMerge({}, change))
    else merged[at] = strategicMerge(merged[at] ?? {}, change)
  }
  return merged
}

/** Those that the order names, in that order; what it doesn't name stays in front. */
function inOrder(items: readonly JsonObject[], order: readonly JsonObject[], key: string): readonly JsonObject[] {
  const place = (item: JsonObject): number => order.findIndex((named) => named[key] === item[key])
  return items.toSorted((one, other) => place(one) - place(other))
}

function withoutDirectives(patch: JsonObject): JsonObject {
  return Object.fromEntries(Object.entries(patch).filter(([key]) => !key.startsWith('$')))
}

function objects(value: unknown): readonly JsonObject[] {
  return Array.isArray(value) ? value.filter(isJsonObject) : []
}
