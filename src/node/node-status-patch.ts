import { isDeepStrictEqual } from 'node:util'
import type { Patch } from '../cluster/cluster.ts'
import type { NodeCondition, NodeStatus } from '../model/kube.ts'
import { staleResources } from './stale-resources.ts'

/**
 * What a strategic merge patch must say so that `before`, which the server has, becomes `after`; `undefined` when they
 * differ in nothing but heartbeats. What `after` does not mention is somebody else's (extended resources, conditions
 * of other agents) and stays, but for resources that are none any more. `lost` is what the server made nothing of when
 * it was sent before, see `lostMembers`.
 */
export function nodeStatusPatch(before: NodeStatus, after: NodeStatus, lost: Patch): Patch | undefined {
  const changed = changedMembers(before, withoutLists(after))
  const stale = staleResources(before, after)
  const news = Object.entries(changed).filter(([key, value]) => !isDeepStrictEqual(value, lost[key]))
  const addresses = addressesPatch(before, after)
  const conditions = after.conditions ?? []
  const isQuiet = conditions.every((condition) => isSame(conditionOf(before, condition.type), condition))
  if (isQuiet && news.length === 0 && addresses === undefined && isEmpty(stale)) return undefined
  return { ...withRemovals(Object.fromEntries(news), stale), ...(addresses && { addresses }), conditions }
}

/** A change of lists by name that takes members away too. */
function withRemovals(change: Patch, removals: object): Patch {
  const merged = Object.entries(removals).map(([key, value]: [string, unknown]) => {
    const own = change[key]
    return [key, { ...(isMap(own) ? own : {}), ...(isMap(value) ? value : {}) }] as const
  })
  return { ...change, ...Object.fromEntries(merged) }
}

/** The patch that says that the agent is alive: nothing is new but the time. */
export function heartbeatPatch({ conditions = [] }: NodeStatus): Patch {
  return { conditions }
}

/**
 * What of `sent` is not in the server's answer: fields that this version of the API does not have, and quantities that
 * it writes in another way. They are not sent again until they change, else the status would be patched for ever.
 */
export function lostMembers(answer: NodeStatus, sent: NodeStatus): Patch {
  return changedMembers(answer, withoutLists(sent))
}

/** The conditions whose status differs from `before`, in the order of `after`; all of them when there is no `before`. */
export function conditionFlips(before: NodeStatus | undefined, after: NodeStatus): readonly NodeCondition[] {
  return (after.conditions ?? []).filter(({ type, status }) => conditionOf(before, type)?.status !== status)
}

/** The lists that are merged by key, and so are compared and patched in their own way, left out. */
function withoutLists(status: NodeStatus): object {
  const { conditions: _conditions, addresses: _addresses, ...rest } = status
  return rest
}

/** Addresses are merged by type, of which there may be two: said as a whole (PatchNodeStatus in component-helpers). */
function addressesPatch(before: NodeStatus, after: NodeStatus): readonly object[] | undefined {
  if (after.addresses === undefined || isDeepStrictEqual(before.addresses, after.addresses)) return undefined
  // Where there is no list yet, the server would take the directive for an address.
  return before.addresses === undefined ? after.addresses : [...after.addresses, { $patch: 'replace' }]
}

function changedMembers(before: object, after: object): Patch {
  const known = new Map<string, unknown>(Object.entries(before))
  const changed = Object.entries(after).flatMap(([key, value]: [string, unknown]) => {
    const change = changeOf(known.get(key), value)
    return change === undefined ? [] : [[key, change] as const]
  })
  return Object.fromEntries(changed)
}

/** What to say of one member; `undefined` for nothing. The server leaves out what is empty: that is no difference. */
function changeOf(before: unknown, after: unknown): unknown {
  if (isEmpty(after) && isEmpty(before)) return undefined
  if (isMap(after)) {
    const change = changedMembers(isMap(before) ? before : {}, after)
    return isEmpty(change) ? undefined : change
  }
  return isDeepStrictEqual(before, after) ? undefined : after
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isEmpty(value: unknown): boolean {
  if (value === undefined || value === '' || value === 0 || value === false) return true
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0
}

function conditionOf(status: NodeStatus | undefined, type: string): NodeCondition | undefined {
  return status?.conditions?.find((condition) => condition.type === type)
}

function isSame(before: NodeCondition | undefined, after: NodeCondition): boolean {
  if (before === undefined) return false
  return isDeepStrictEqual(withoutHeartbeat(before), withoutHeartbeat(after))
}

/** The server says `null` for a time that it was not told. */
function withoutHeartbeat(condition: NodeCondition): object {
  const told = Object.entries(condition).filter(
    ([key, value]: [string, unknown]) => key !== 'lastHeartbeatTime' && value !== null,
  )
  return Object.fromEntries(told)
}
