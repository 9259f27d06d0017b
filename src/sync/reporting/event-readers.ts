/** The readers of the event model: each takes every PodEvent and makes of it what it is for. */
import type { EventRecorder } from '../../cluster/event-recorder.ts'
import type { PodEvent, PodEventSink } from '../../model/pod-event.ts'
import { kubeEvent, nodeEvent } from '../../status/kube-event.ts'
import type { Logger } from '../../util/log.ts'
import { LogLimits } from './log-limits.ts'

/**
 * Writes every event to the log: what went wrong as a warning, milestones as information, the steps between for whoever
 * debugs, and for him also what comes again and again; of that, others hear now and then, with how often it was left out.
 */
export function logReader(log: Logger): PodEventSink {
  const limits = new LogLimits()
  return (event) => {
    const { kind, pod, atMs, fieldPath = '', ...fields } = event
    const line = { pod: `${pod.namespace}/${pod.name}`, uid: pod.uid, ...fields }
    const leftOut = levels[kind] === 'debug' ? 0 : limits.take(`${kind} ${pod.uid} ${fieldPath}`, atMs)
    if (leftOut === undefined) log.debug(kind, line)
    else log[levels[kind]](kind, leftOut === 0 ? line : { ...line, leftOut })
  }
}

const levels: Readonly<Record<PodEvent['kind'], 'debug' | 'info' | 'warn'>> = {
  'pod-seen': 'info',
  'sandbox-changed': 'info',
  'sandbox-created': 'debug',
  'sandbox-started': 'info',
  'sandbox-failed': 'warn',
  // It is the node's, and told for each Pod.
  'cluster-dns-missing': 'info',
  'dns-cut': 'warn',
  'cgroup-failed': 'warn',
  'sandbox-stopped': 'debug',
  'image-present': 'debug',
  'pull-secrets-unusable': 'warn',
  'pull-secret-ignored': 'warn',
  'pull-started': 'info',
  'pull-progress': 'info',
  'pull-finished': 'info',
  'pull-failed': 'warn',
  'pull-back-off': 'info',
  'image-never-pull': 'warn',
  'image-inspect-failed': 'warn',
  'container-created': 'debug',
  'container-started': 'info',
  'container-failed': 'warn',
  'container-killing': 'info',
  'hook-failed': 'warn',
  'hook-fell-back': 'warn',
  'kill-failed': 'warn',
  'container-killed': 'debug',
  'container-exited': 'info',
  'container-back-off': 'info',
  'probe-failed': 'info',
  'probe-warned': 'info',
  'probe-errored': 'warn',
  'container-probed': 'info',
  'volume-failed': 'warn',
  'volume-group-conflict': 'warn',
  'volume-slow': 'warn',
  'volumes-unprocessed': 'warn',
  'field-unsupported': 'warn',
  'field-beyond-host': 'warn',
  'pod-rejected': 'warn',
  'pod-ended': 'info',
  'pod-overdue': 'warn',
  'resize-started': 'info',
  'resize-completed': 'info',
  'resize-deferred': 'warn',
  'resize-failed': 'warn',
  'sync-failed': 'warn',
  'status-sent': 'debug',
  'pod-removed': 'info',
}

/** Records what is worth a Kubernetes Event, about the Pod or one of its containers, and the Node where it concerns that. */
export function kubeEventReader(recorder: EventRecorder): PodEventSink {
  return (event) => {
    const ofNode = nodeEvent(event)
    if (ofNode !== undefined) recorder.recordOfNode(ofNode)
    const text = kubeEvent(event)
    if (text === undefined) return
    const { uid, namespace, name } = event.pod
    const fieldPath = event.fieldPath === undefined ? {} : { fieldPath: event.fieldPath }
    const object = { apiVersion: 'v1', kind: 'Pod', namespace, name, uid, ...fieldPath }
    const annotations = event.kind === 'pod-ended' ? event.annotations : undefined
    recorder.record({ object, ...text, ...(annotations !== undefined && { annotations }) })
  }
}
