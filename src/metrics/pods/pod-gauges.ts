import type { Pod } from '../../model/kube.ts'
import type { ObservedPod } from '../../model/observed.ts'
import { ephemeralContainers, isStaticPod } from '../../model/pod.ts'
import type { MetricFamily } from '../metric-family.ts'
import { Gauge } from '../registry/gauge.ts'

/** Where a Pod stands that the agent works on (PodWorkerState in pkg/kubelet/pod_workers.go). */
export const lifecycles = ['sync', 'terminating', 'terminated'] as const
export type Lifecycle = (typeof lifecycles)[number]

/** A Pod that the agent works on. */
export interface WorkedPod {
  readonly lifecycle: Lifecycle
  /** `undefined` for one that is only found in Docker. */
  readonly pod: Pod | undefined
  /** Some source has it (still). */
  readonly isWanted: boolean
  /** The names of its volumes that are set up. */
  readonly mountedVolumes: readonly string[]
}

/** The Pods at the moment of a scrape. */
export interface PodsSeen {
  /** Those that sources have, with their newest status. */
  readonly wanted: readonly Pod[]
  readonly worked: readonly WorkedPod[]
  /** What Docker holds of each Pod, as far as is known without asking. */
  readonly observed: readonly ObservedPod[]
  /** How many static Pods the API server shows. */
  readonly mirrors: number
}

const staticLabels = ['', 'true'] as const

/** How many Pods there are of which kind: counted when somebody scrapes. Names as in pkg/kubelet/metrics/metrics.go. */
export function podGauges({ wanted, worked, observed, mirrors }: PodsSeen): readonly MetricFamily[] {
  return [
    runningPods(observed),
    runningContainers(observed),
    desiredPods(wanted),
    activePods(worked),
    workingPods(worked),
    single('kubelet_mirror_pods', 'How many static Pods the API server shows.', mirrors),
    single(
      'kubelet_managed_ephemeral_containers',
      'How many ephemeral containers the Pods of this node have.',
      sum(wanted, (pod) => ephemeralContainers(pod).length),
    ),
    pendingResizes(wanted),
    single(
      'kubelet_pod_in_progress_resizes',
      'How many Pods are being given what they were allocated.',
      sum(wanted, (pod) => Number(condition(pod, 'PodResizeInProgress') !== undefined)),
    ),
  ]
}

function runningPods(observed: readonly ObservedPod[]): MetricFamily {
  const running = observed.filter(({ sandboxes }) => sandboxes.some(({ state }) => state.phase === 'running'))
  return single('kubelet_running_pods', 'How many Pods have a sandbox that runs.', running.length)
}

function runningContainers(observed: readonly ObservedPod[]): MetricFamily {
  const gauge = new Gauge({
    name: 'kubelet_running_containers',
    help: 'How many containers the runtime has, by their state.',
    labels: ['container_state'],
  })
  for (const { containers } of observed) for (const { state } of containers) gauge.add(1, state.phase)
  return gauge.family()
}

function desiredPods(wanted: readonly Pod[]): MetricFamily {
  const gauge = new Gauge({
    name: 'kubelet_desired_pods',
    help: 'How many Pods this node is asked to run; static ones are from a file.',
    labels: ['static'],
  })
  for (const label of staticLabels) gauge.set(0, label)
  for (const pod of wanted) gauge.add(1, staticLabel(pod))
  return gauge.family()
}

function activePods(worked: readonly WorkedPod[]): MetricFamily {
  const gauge = new Gauge({
    name: 'kubelet_active_pods',
    help: 'How many of the Pods that this node is asked to run are not over; static ones are from a file.',
    labels: ['static'],
  })
  for (const label of staticLabels) gauge.set(0, label)
  for (const { pod, isWanted, lifecycle } of worked) {
    if (pod !== undefined && isWanted && lifecycle !== 'terminated') gauge.add(1, staticLabel(pod))
  }
  return gauge.family()
}

function workingPods(worked: readonly WorkedPod[]): MetricFamily {
  const gauge = new Gauge({
    name: 'kubelet_working_pods',
    help: 'How many Pods the agent works on, by where they stand, by whether a source has them, had them, or never did, and whether they are static.',
    labels: ['lifecycle', 'config', 'static'],
  })
  for (const lifecycle of lifecycles) {
    for (const config of ['desired', 'orphan']) for (const label of staticLabels) gauge.set(0, lifecycle, config, label)
    gauge.set(0, lifecycle, 'runtime_only', 'unknown')
  }
  for (const { lifecycle, pod, isWanted } of worked) {
    if (pod === undefined) gauge.add(1, lifecycle, 'runtime_only', 'unknown')
    else gauge.add(1, lifecycle, isWanted ? 'desired' : 'orphan', staticLabel(pod))
  }
  return gauge.family()
}

function pendingResizes(wanted: readonly Pod[]): MetricFamily {
  const gauge = new Gauge({
    name: 'kubelet_pod_pending_resizes',
    help: 'How many Pods ask for other resources than they were allocated, by why they were not.',
    labels: ['reason'],
  })
  for (const pod of wanted) {
    const pending = condition(pod, 'PodResizePending')
    if (pending !== undefined) gauge.add(1, (pending.reason ?? '').toLowerCase())
  }
  return gauge.family()
}

type Condition = NonNullable<NonNullable<Pod['status']>['conditions']>[number]

function condition(pod: Pod, type: string): Condition | undefined {
  return pod.status?.conditions?.find((candidate) => candidate.type === type && candidate.status === 'True')
}

function staticLabel(pod: Pod): (typeof staticLabels)[number] {
  return isStaticPod(pod) ? 'true' : ''
}

function single(name: string, help: string, value: number): MetricFamily {
  const gauge = new Gauge({ name, help })
  gauge.set(value)
  return gauge.family()
}

function sum(pods: readonly Pod[], count: (pod: Pod) => number): number {
  return pods.reduce((total, pod) => total + count(pod), 0)
}
