import type { PullProgress } from './pull-progress.ts'
import type { PodRef } from './pod.ts'
import type { ProbeType } from './probe.ts'
import type { ResizeSummary } from './resize.ts'
import type { VolumeStep } from './volume-failure.ts'

/**
 * What happened on a Pod's way: the one event model. The loop emits these; logs, Kubernetes Events and (later) metrics
 * and timelines are readers of them, so nothing is told or timed twice. Times are epoch milliseconds.
 */
export type PodEvent = {
  readonly pod: PodRef
  readonly atMs: number
  /** Where the container that it is about stands in the spec, `spec.containers{web}`; `undefined` for the Pod itself. */
  readonly fieldPath?: string
} & PodEventBody

export type PodEventBody =
  | { readonly kind: 'pod-seen'; readonly source: string }
  | { readonly kind: 'sandbox-changed' }
  | { readonly kind: 'sandbox-created'; readonly attempt: number; readonly durationMs: number }
  | { readonly kind: 'sandbox-started'; readonly ips: readonly string[]; readonly durationMs: number }
  | { readonly kind: 'sandbox-failed'; readonly message: string }
  /** The Pod wants the cluster's name servers, and the agent knows none. */
  | { readonly kind: 'cluster-dns-missing' }
  /** The Pod's resolver configuration has more than a resolver reads; `applied` is what is left of that line. */
  | { readonly kind: 'dns-cut'; readonly line: 'nameserver' | 'search'; readonly applied: readonly string[] }
  /** The Pod's cgroup could not be made or set. */
  | { readonly kind: 'cgroup-failed'; readonly message: string }
  | { readonly kind: 'sandbox-stopped'; readonly durationMs: number }
  /** Of the image of a container, or of one that a volume of the Pod shows: then there is no container's name. */
  | { readonly kind: 'image-present'; readonly containerName: string | undefined; readonly image: string }
  /** Secrets that the Pod names for pulling could not be had or read, and why. The pull is tried without them. */
  | { readonly kind: 'pull-secrets-unusable'; readonly secretNames: readonly string[]; readonly message: string }
  /** A secret that the Pod names for pulling is none of that kind, and is passed over. */
  | { readonly kind: 'pull-secret-ignored'; readonly secretName: string; readonly message: string }
  | { readonly kind: 'pull-started'; readonly containerName: string | undefined; readonly image: string }
  /** A pull that takes long: how far it is, now and then. */
  | {
      readonly kind: 'pull-progress'
      readonly containerName: string | undefined
      readonly image: string
      readonly progress: PullProgress
    }
  | {
      readonly kind: 'pull-finished'
      readonly containerName: string | undefined
      readonly image: string
      readonly durationMs: number
      readonly waitedMs: number
      readonly sizeBytes: number
    }
  | {
      readonly kind: 'pull-failed'
      readonly containerName: string | undefined
      readonly image: string
      readonly message: string
    }
  | { readonly kind: 'pull-back-off'; readonly containerName: string | undefined; readonly image: string }
  /** The image is not there and policy Never forbids to pull it. */
  | { readonly kind: 'image-never-pull'; readonly containerName: string | undefined; readonly message: string }
  /** The image's name does not parse, or Docker could not say whether it is there. */
  | { readonly kind: 'image-inspect-failed'; readonly containerName: string | undefined; readonly message: string }
  | { readonly kind: 'container-created'; readonly containerName: string; readonly durationMs: number }
  | {
      readonly kind: 'container-started'
      readonly containerName: string
      readonly attempt: number
      readonly durationMs: number
    }
  /** A start attempt failed at any of its steps; `message` is the kubelet's `Error: …` text behind the colon. */
  | {
      readonly kind: 'container-failed'
      readonly containerName: string
      readonly reason: string
      readonly message: string
      /** What the message keeps from whoever may see the Pod, for the log. */
      readonly detail?: string
    }
  | { readonly kind: 'container-killing'; readonly containerName: string; readonly message: string }
  /** Docker could not stop it; it is tried again. */
  | { readonly kind: 'kill-failed'; readonly container: string; readonly message: string }
  | { readonly kind: 'container-killed'; readonly containerName: string; readonly durationMs: number }
  /** A hook did not do what it should; `message` may hold secrets of the container. */
  | {
      readonly kind: 'hook-failed'
      readonly hook: 'postStart' | 'preStop'
      readonly containerName: string
      readonly message: string
    }
  /** A hook was to ask over HTTPS at this address, and has asked over plain HTTP because nothing else is spoken there. */
  | { readonly kind: 'hook-fell-back'; readonly address: string }
  | {
      readonly kind: 'container-exited'
      readonly containerName: string
      readonly exitCode: number
      /** As its status has it: `Completed`, `Error`, `OOMKilled`, … */
      readonly reason: string
      /** By Docker's clock. */
      readonly finishedAtMs: number
    }
  | { readonly kind: 'container-back-off'; readonly containerName: string; readonly delayMs: number }
  | {
      readonly kind: 'probe-failed'
      readonly containerName: string
      readonly probe: ProbeType
      readonly output: string
    }
  /** It counts as a success. */
  | {
      readonly kind: 'probe-warned'
      readonly containerName: string
      readonly probe: ProbeType
      readonly output: string
    }
  /** It could not be asked; `state` is the kubelet's word for what that leaves. */
  | {
      readonly kind: 'probe-errored'
      readonly containerName: string
      readonly probe: ProbeType
      readonly state: 'unknown' | 'failure'
      readonly message: string
    }
  /** What is held of the container by all of its probes has changed. */
  | {
      readonly kind: 'container-probed'
      readonly containerName: string
      readonly started: boolean
      readonly ready: boolean
      readonly failed: 'startup' | 'liveness' | undefined
    }
  /** A volume could not be mounted. */
  | {
      readonly kind: 'volume-failed'
      readonly step: Exclude<VolumeStep, 'process'>
      readonly volumeName: string
      readonly message: string
    }
  /** A Pod wants a volume to be its group's that is another group's, and that other Pods have. */
  | {
      readonly kind: 'volume-group-conflict'
      readonly volumeName: string
      readonly wanted: number
      readonly found: number
    }
  /** It is not known what some volumes are. Both lists are of their names in the Pod, in order. */
  | {
      readonly kind: 'volumes-unprocessed'
      readonly unmounted: readonly string[]
      readonly unprocessed: readonly string[]
      readonly message: string
    }
  /** What takes long with a volume. */
  | { readonly kind: 'volume-slow'; readonly message: string }
  /** A field of the spec that this agent does not do, by its path. */
  | {
      readonly kind: 'field-unsupported'
      readonly path: string
      readonly consequence: 'ignored' | 'refused' | 'unmounted'
    }
  /** A field of the spec that Docker's host cannot do, and that Docker passes over. */
  | { readonly kind: 'field-beyond-host'; readonly path: string; readonly lacking: string }
  /** The node has not let the Pod in. */
  | { readonly kind: 'pod-rejected'; readonly reason: string; readonly message: string }
  /** The node ends a Pod that runs here. */
  | {
      readonly kind: 'pod-ended'
      readonly reason: string
      readonly message: string
      /** What told the node to, where metrics tell such cases apart. */
      readonly signal?: string
      /** Of the Event. */
      readonly annotations?: Readonly<Record<string, string>>
    }
  /** It was to make room for another, and takes longer than it may. */
  | { readonly kind: 'pod-overdue' }
  /** The Pod was given what it asks for now, and gets it. */
  | { readonly kind: 'resize-started'; readonly resources: ResizeSummary }
  | { readonly kind: 'resize-completed'; readonly resources: ResizeSummary }
  /** It was not given it, by that rule of admission; it is asked again. */
  | {
      readonly kind: 'resize-deferred'
      readonly reason: string
      readonly error: string
      readonly resources: ResizeSummary
    }
  /** It could not get what it was given; it is tried again. */
  | { readonly kind: 'resize-failed'; readonly error: string; readonly resources: ResizeSummary }
  | { readonly kind: 'sync-failed'; readonly message: string }
  | {
      readonly kind: 'status-sent'
      readonly phase: string
      readonly ready: boolean
      readonly durationMs: number
      /** When the first of the changes came that it has and the one before had not. */
      readonly changedAtMs: number
    }
  | { readonly kind: 'pod-removed' }

export type PodEventSink = (event: PodEvent) => void
