import type { PodEvent, PodEventBody } from '../../../src/model/pod-event.ts'
import { kubeEvent } from '../../../src/status/kube-event.ts'

/** The Kubernetes Events among these, as `kubectl describe` prints them: `Normal Started Container started`. */
export function told(events: readonly PodEvent[]): readonly string[] {
  return events.flatMap((event) => {
    const text = kubeEvent(event)
    return text === undefined ? [] : `${text.type} ${text.reason} ${text.message}`
  })
}

/** What happened, without when, to whom and where. */
export function bodiesOf(events: readonly PodEvent[]): readonly PodEventBody[] {
  return events.map(({ pod: _pod, atMs: _atMs, fieldPath: _fieldPath, ...body }) => body)
}

/** The kinds of the events, in order. */
export function kindsOf(events: readonly PodEvent[]): readonly PodEvent['kind'][] {
  return events.map(({ kind }) => kind)
}
