import { isDeepStrictEqual } from 'node:util'
import type { ContainerStatus, PodCondition, PodStatus } from '../model/kube.ts'
import { ownedConditions } from './conditions.ts'
import { allContainerStatuses } from '../model/pod.ts'
import { isSameAmounts, isSameResources } from '../translate/resources/allocation.ts'

/** A strategic merge patch of `status`: lists with a merge key carry directives, `null` removes a field. */
export type StatusPatch = Readonly<Record<string, unknown>>

/** Fields that are ours to set and to clear. */
const scalarFields = [
  'phase',
  'reason',
  'message',
  'hostIP',
  'podIP',
  'startTime',
  'qosClass',
  'observedGeneration',
] as const

/** What the Pod as a whole was given and has. */
const resourceFields = ['resources', 'allocatedResources'] as const

/**
 * The patch that makes a status in the API server ours; `undefined` when it already is. Conditions of others stay: the
 * list is merged by type. IPs are merged by value on the server, so theirs is replaced as a whole.
 */
export function statusPatch(theirs: PodStatus | undefined, ours: PodStatus): StatusPatch | undefined {
  if (theirs !== undefined && sameStatus(theirs, ours)) return undefined
  const patch: Record<string, unknown> = {}
  for (const field of scalarFields) {
    if (ours[field] !== undefined) patch[field] = ours[field]
    else if (theirs?.[field] !== undefined) patch[field] = null
  }
  patch['conditions'] = [
    ...(ours.conditions ?? []).map((condition) => withNulls(condition, theirs)),
    ...droppedConditions(theirs, ours).map((type) => ({ $patch: 'delete', type })),
  ]
  patch['containerStatuses'] = ours.containerStatuses ?? []
  for (const field of ['initContainerStatuses', 'ephemeralContainerStatuses'] as const) {
    if (ours[field] !== undefined) patch[field] = ours[field]
    else if (theirs?.[field] !== undefined) patch[field] = []
  }
  for (const field of resourceFields) {
    // Lists of quantities are merged by name on the server.
    if (ours[field] !== undefined) patch[field] = theirs?.[field] ? { $patch: 'replace', ...ours[field] } : ours[field]
    else if (theirs?.[field] !== undefined) patch[field] = null
  }
  for (const field of ['podIPs', 'hostIPs'] as const) {
    if (ours[field] !== undefined) patch[field] = [{ $patch: 'replace' }, ...ours[field]]
    else if (theirs?.[field] !== undefined) patch[field] = null
  }
  return patch
}

/** Conditions of ours that theirs has, the scheduler's word perhaps, and ours has not: that of a Pod that was not let in. */
function droppedConditions(theirs: PodStatus | undefined, ours: PodStatus): readonly string[] {
  const kept = new Set(ours.conditions?.map(({ type }) => type))
  return ownedConditions.filter(
    (type) => !kept.has(type) && theirs?.conditions?.some((condition) => condition.type === type),
  )
}

/** Conditions are merged member by member: a reason or a message that theirs has and ours has not is taken away by name. */
function withNulls(condition: PodCondition, theirs: PodStatus | undefined): object {
  const other = theirs?.conditions?.find(({ type }) => type === condition.type)
  return {
    ...condition,
    ...(other?.reason && !condition.reason ? { reason: null } : {}),
    ...(other?.message && !condition.message ? { message: null } : {}),
  }
}

/**
 * Whether what the server holds is what we want it to hold, as far as it keeps it: a field that an older server has
 * dropped from our last patch is no difference.
 */
export function sameStatus(theirs: PodStatus, ours: PodStatus): boolean {
  return (
    scalarFields.every((field) => (theirs[field] ?? '') === (ours[field] ?? '') || isNotKept(field, theirs, ours)) &&
    sameIps(theirs.podIPs, ours.podIPs) &&
    // Servers before 1.30 drop the list.
    (theirs.hostIPs === undefined || sameIps(theirs.hostIPs, ours.hostIPs)) &&
    sameConditions(theirs.conditions ?? [], ours.conditions ?? []) &&
    droppedConditions(theirs, ours).length === 0 &&
    sameResources(theirs, ours) &&
    sameContainers(theirs, ours)
  )
}

/** `observedGeneration` came with 1.33: a server without it never shows one, and one that has it never lets go of it. */
function isNotKept(field: (typeof scalarFields)[number], theirs: PodStatus, ours: PodStatus): boolean {
  return (
    field === 'observedGeneration' && (theirs.observedGeneration === undefined || ours.observedGeneration === undefined)
  )
}

function sameIps(theirs: PodStatus['podIPs'], ours: PodStatus['podIPs']): boolean {
  return isDeepStrictEqual(theirs?.map(({ ip }) => ip) ?? [], ours?.map(({ ip }) => ip) ?? [])
}

/** Status, reason and message count; times and generations alone cause no patch (the kubelet's rule too). */
function sameConditions(theirs: readonly PodCondition[], ours: readonly PodCondition[]): boolean {
  return ours.every((condition) => {
    const other = theirs.find(({ type }) => type === condition.type)
    return (
      other?.status === condition.status &&
      (other.reason ?? '') === (condition.reason ?? '') &&
      (other.message ?? '') === (condition.message ?? '')
    )
  })
}

/** Of the Pod as a whole and of each container. */
function sameResources(theirs: PodStatus, ours: PodStatus): boolean {
  const others = new Map(allContainerStatuses(theirs).map((container) => [container.name, container]))
  return isSameGiven(theirs, ours) && allContainerStatuses(ours).every((our) => isSameGiven(others.get(our.name), our))
}

type Given = Pick<PodStatus, 'resources' | 'allocatedResources'>

/** Servers before 1.33 keep nothing of these for containers, those before 1.34 nothing for the Pod, and show nothing. */
function isSameGiven(their: Given | undefined, our: Given): boolean {
  return (
    (their?.resources === undefined || isSameResources(their.resources, our.resources)) &&
    (their?.allocatedResources === undefined || isSameAmounts(their.allocatedResources, our.allocatedResources))
  )
}

/** Compared on the fields that servers of every age keep. A time that was not sent comes back as `null`. */
function sameContainers(theirs: PodStatus, ours: PodStatus): boolean {
  const comparable = (status: PodStatus): unknown =>
    allContainerStatuses(status).map((container) => [
      container.name,
      stateWithoutNulls(container.state),
      stateWithoutNulls(container.lastState),
      container.ready,
      container.started ?? false,
      container.restartCount,
      container.image,
      container.imageID,
      container.containerID ?? '',
    ])
  return isDeepStrictEqual(comparable(theirs), comparable(ours))
}

function stateWithoutNulls(state: ContainerStatus['state']): unknown {
  return Object.fromEntries(
    Object.entries(state ?? {}).map(([kind, value]: [string, object]) => [
      kind,
      Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)),
    ]),
  )
}
