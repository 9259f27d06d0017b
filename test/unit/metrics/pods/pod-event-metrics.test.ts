import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PodEventMetrics } from '../../../../src/metrics/pods/pod-event-metrics.ts'
import type { PodEventBody } from '../../../../src/model/pod-event.ts'
import { podRef } from '../../../../src/model/pod.ts'
import { nowMs } from '../../../builders/observed.ts'
import { aPod } from '../../../builders/pod.ts'
import { counted, metricLines } from '../../../support/metric-lines.ts'

const pod = podRef(aPod())
const main = { containerName: 'main' }

interface Told {
  readonly title: string
  readonly events: readonly (PodEventBody & { readonly fieldPath?: string; readonly atMs?: number })[]
  readonly counts: readonly string[]
}

function counts({ events }: Told): readonly string[] {
  const metrics = new PodEventMetrics(nowMs)
  for (const event of events) metrics.read({ pod, atMs: nowMs, ...event })
  return counted(metrics.families())
}

const cases: readonly Told[] = [
  {
    title: 'a sandbox counts as a start of its Pod, and takes as long as its creation and its start',
    events: [
      { kind: 'sandbox-created', attempt: 0, durationMs: 200 },
      { kind: 'sandbox-started', ips: [], durationMs: 300 },
    ],
    counts: [
      'kubelet_run_podsandbox_duration_seconds_sum{runtime_handler=""} 0.5',
      'kubelet_run_podsandbox_duration_seconds_count{runtime_handler=""} 1',
      'kubelet_started_pods_total 1',
    ],
  },
  {
    title: 'a sandbox that fails counts as a start that failed',
    events: [{ kind: 'sandbox-failed', message: 'no' }],
    counts: [
      'kubelet_run_podsandbox_errors_total{runtime_handler=""} 1',
      'kubelet_started_pods_errors_total 1',
      'kubelet_started_pods_total 1',
    ],
  },
  {
    title: 'containers are told apart by what they are',
    events: [
      { kind: 'container-started', ...main, attempt: 0, durationMs: 1, fieldPath: 'spec.containers{main}' },
      { kind: 'container-started', ...main, attempt: 0, durationMs: 1, fieldPath: 'spec.initContainers{main}' },
      { kind: 'container-started', ...main, attempt: 0, durationMs: 1, fieldPath: 'spec.ephemeralContainers{main}' },
    ],
    counts: [
      'kubelet_started_containers_total{container_type="container"} 1',
      'kubelet_started_containers_total{container_type="ephemeral_container"} 1',
      'kubelet_started_containers_total{container_type="init_container"} 1',
    ],
  },
  {
    title: 'a start that fails is a start, with why it failed',
    events: [
      { kind: 'container-failed', ...main, reason: 'ErrImagePull', message: 'no', fieldPath: 'spec.containers{main}' },
    ],
    counts: [
      'kubelet_started_containers_errors_total{code="ErrImagePull",container_type="container"} 1',
      'kubelet_started_containers_total{container_type="container"} 1',
    ],
  },
  {
    title: 'a hook that fails after the start makes no second start of it',
    events: [
      { kind: 'container-started', ...main, attempt: 0, durationMs: 1 },
      { kind: 'container-failed', ...main, reason: 'PostStartHookError', message: 'no' },
    ],
    counts: [
      'kubelet_started_containers_errors_total{code="PostStartHookError",container_type="container"} 1',
      'kubelet_started_containers_total{container_type="container"} 1',
    ],
  },
  {
    title: 'an end has its code and its reason; of one from before the agent another has told',
    events: [
      { kind: 'container-exited', ...main, exitCode: 139, reason: 'Error', finishedAtMs: nowMs + 1 },
      { kind: 'container-exited', ...main, exitCode: 1, reason: 'Error', finishedAtMs: nowMs - 1 },
    ],
    counts: ['kubelet_terminated_containers_total{container_type="container",exit_code="139",reason="Error"} 1'],
  },
  {
    title: 'a pull counts with the wait for its turn, by the size of the image',
    events: [
      { kind: 'pull-finished', ...main, image: 'a', durationMs: 2000, waitedMs: 1000, sizeBytes: 700 * 1024 * 1024 },
    ],
    counts: [
      'kubelet_image_pull_duration_seconds_sum{image_size_in_bytes="500MB-1GB"} 3',
      'kubelet_image_pull_duration_seconds_count{image_size_in_bytes="500MB-1GB"} 1',
    ],
  },
  {
    title: 'what the node ends is an eviction or a preemption, by what told to; the end of its time is neither',
    events: [
      { kind: 'pod-ended', reason: 'Evicted', message: '', signal: 'emptydirfs.limit' },
      { kind: 'pod-ended', reason: 'Preempting', message: '', signal: 'cpu' },
      { kind: 'pod-ended', reason: 'DeadlineExceeded', message: '' },
    ],
    counts: [
      'kubelet_evictions{eviction_signal="emptydirfs.limit"} 1',
      'kubelet_preemptions{preemption_signal="cpu"} 1',
    ],
  },
  {
    title: 'a Pod that is not let in has one of the known reasons, and a manifest that is none counts for nothing',
    events: [
      { kind: 'pod-rejected', reason: 'OutOfcpu', message: '' },
      { kind: 'pod-rejected', reason: 'OutOfexample.com/gpu', message: '' },
      { kind: 'pod-rejected', reason: 'NodePorts', message: '' },
      { kind: 'pod-rejected', reason: 'FailedValidation', message: '' },
    ],
    counts: ['Other', 'OutOfExtendedResources', 'OutOfcpu'].map(
      (reason) => `kubelet_admission_rejections_total{reason="${reason}"} 1`,
    ),
  },
  {
    title: 'a resize takes from when it was begun to when all of it is there',
    events: [
      { kind: 'resize-started', resources: { initContainers: [], containers: [], generation: 2 } },
      {
        kind: 'resize-failed',
        error: 'no',
        resources: { initContainers: [], containers: [], generation: 2 },
        atMs: nowMs + 20,
      },
      {
        kind: 'resize-completed',
        resources: { initContainers: [], containers: [], generation: 2 },
        atMs: nowMs + 120,
      },
    ],
    counts: [
      'kubelet_pod_resize_duration_milliseconds_sum{success="false"} 20',
      'kubelet_pod_resize_duration_milliseconds_count{success="false"} 1',
      'kubelet_pod_resize_duration_milliseconds_sum{success="true"} 120',
      'kubelet_pod_resize_duration_milliseconds_count{success="true"} 1',
    ],
  },
]

describe('What happens to Pods, counted:', () => {
  for (const told of cases) it(told.title, () => assert.deepEqual(counts(told), told.counts))

  it('what can only be a number is there before anything has happened', () => {
    const none = metricLines(new PodEventMetrics(nowMs).families())
    assert.deepEqual(none, [
      'kubelet_lifecycle_handler_http_fallbacks_total 0',
      'kubelet_started_pods_errors_total 0',
      'kubelet_started_pods_total 0',
    ])
  })
})
