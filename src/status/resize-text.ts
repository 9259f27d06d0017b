import type { ResourceRequirements } from '../model/allocation.ts'
import type { ResizeSummary } from '../model/resize.ts'

/**
 * The message of an event of a resize (pkg/kubelet/events/resize.go): what happened, and as JSON what the containers were to
 * have. What is asked for the Pod as a whole is not in it.
 */
export function resizeText(
  what: string,
  { initContainers, containers, generation }: ResizeSummary,
  error?: string,
): string {
  const listed = (list: typeof containers): object[] =>
    list.map(({ name, resources }) => ({ name, resources: sorted(resources) }))
  const summary = {
    ...(initContainers.length === 0 ? {} : { initContainers: listed(initContainers) }),
    containers: listed(containers),
    generation,
    ...(error ? { error } : {}),
  }
  return `Pod resize ${what}: ${goJson(summary)}`
}

/** In the order of Go's fields, its maps sorted. */
function sorted({ limits, requests, claims }: ResourceRequirements): object {
  const inOrder = (list: Readonly<Record<string, string>> = {}): Readonly<Record<string, string>> | undefined =>
    Object.keys(list).length === 0
      ? undefined
      : Object.fromEntries(Object.entries(list).toSorted(([a], [b]) => (a < b ? -1 : 1)))
  return { limits: inOrder(limits), requests: inOrder(requests), claims: claims?.length ? claims : undefined }
}

/** Go writes JSON that can stand in HTML. */
function goJson(value: unknown): string {
  return JSON.stringify(value).replace(
    /[<>&\u2028\u2029]/gu,
    (character) => String.raw`\u` + character.charCodeAt(0).toString(16).padStart(4, '0'),
  )
}
