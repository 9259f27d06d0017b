import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { PodStartMetrics } from '../../../../src/metrics/pods/pod-start-metrics.ts'
import type { PodEventBody } from '../../../../src/model/pod-event.ts'
import { podRef } from '../../../../src/model/pod.ts'
import type { Pod } from '../../../../src/model/kube.ts'
import { nowMs } from '../../../builders/observed.ts'
import { aPod, containersNamed } from '../../../builders/pod.ts'
import { counted } from '../../../support/metric-lines.ts'

const creationTimestamp = new Date(nowMs).toISOString()

/** A Pod of two containers that was created now, and is seen a second later. */
function start(change: Parameters<typeof aPod>[0] = {}): { pod: Pod; metrics: PodStartMetrics; after: After } {
  const pod = aPod({
    ...change,
    metadata: { creationTimestamp, ...change.metadata },
    spec: { containers: containersNamed('a', 'b'), ...change.spec },
  })
  const metrics = new PodStartMetrics()
  metrics.seen(pod, nowMs + 1000)
  const after: After = (seconds, event, fieldPath) =>
    metrics.read({
      pod: podRef(pod),
      atMs: nowMs + 1000 * seconds,
      ...(fieldPath === undefined ? {} : { fieldPath }),
      ...event,
    })
  return { pod, metrics, after }
}

type After = (seconds: number, event: PodEventBody, fieldPath?: string) => void

function started(containerName: string): PodEventBody {
  return { kind: 'container-started', containerName, attempt: 0, durationMs: 0 }
}

const sent: PodEventBody = { kind: 'status-sent', phase: 'Running', ready: false, durationMs: 0, changedAtMs: 0 }

function sums(metrics: PodStartMetrics): readonly string[] {
  return counted(metrics.families()).map((line) => line.replace('kubelet_', '').replace('_duration_seconds', ''))
}

describe('The start of a Pod', () => {
  it('is over when all its containers are started, and known when that is reported', () => {
    const { metrics, after } = start()
    after(3, started('a'), 'spec.containers{a}')
    after(4, sent)
    assert.deepEqual(sums(metrics), [])
    after(6, started('b'), 'spec.containers{b}')
    assert.deepEqual(sums(metrics), ['pod_start_sum 5', 'pod_start_count 1'])
    after(7, sent)
    assert.deepEqual(sums(metrics), [
      'first_network_pod_start_sli 7',
      'pod_start_sum 5',
      'pod_start_count 1',
      'pod_start_sli_sum 7',
      'pod_start_sli_count 1',
      'pod_start_total_sum 7',
      'pod_start_total_count 1',
    ])
    after(9, sent)
    after(9, started('b'), 'spec.containers{b}')
    assert.equal(sums(metrics).filter((line) => line.endsWith('_count 1')).length, 3)
  })

  it('without pulls is without the time in which any image was being pulled, once', () => {
    const { metrics, after } = start()
    const image = (name: string) => ({ containerName: name, image: name })
    after(2, { kind: 'pull-started', ...image('a') })
    after(3, { kind: 'pull-started', ...image('b') })
    after(5, { kind: 'pull-finished', ...image('a'), durationMs: 0, waitedMs: 0, sizeBytes: 1 })
    after(6, { kind: 'pull-failed', ...image('b'), message: 'no' })
    after(8, { kind: 'pull-started', ...image('b') })
    after(9, { kind: 'pull-finished', ...image('b'), durationMs: 0, waitedMs: 0, sizeBytes: 1 })
    for (const name of ['a', 'b']) after(10, started(name), `spec.containers{${name}}`)
    after(11, sent)
    assert.ok(sums(metrics).includes('pod_start_sli_sum 6'))
    assert.ok(sums(metrics).includes('pod_start_total_sum 11'))
  })

  it('without init containers is without what those took that have ended', () => {
    const { metrics, after } = start()
    after(2, started('sidecar'), 'spec.initContainers{sidecar}')
    after(2, started('init'), 'spec.initContainers{init}')
    after(5, { kind: 'container-exited', containerName: 'init', exitCode: 0, reason: 'Completed', finishedAtMs: 0 })
    for (const name of ['a', 'b']) after(6, started(name), `spec.containers{${name}}`)
    after(7, sent)
    assert.ok(sums(metrics).includes('pod_start_sli_sum 4'))
  })

  it('of one with volumes that outlive it says nothing of the node', () => {
    const { metrics, after } = start({ spec: { volumes: [{ name: 'v', hostPath: { path: '/' } }] } })
    for (const name of ['a', 'b']) after(6, started(name), `spec.containers{${name}}`)
    after(7, sent)
    assert.deepEqual(
      sums(metrics).filter((line) => line.includes('sli')),
      [],
    )
    assert.ok(sums(metrics).includes('pod_start_total_sum 7'))
  })

  it("on the host's network is not the first with a network of its own", () => {
    const { metrics, after } = start({ spec: { hostNetwork: true } })
    for (const name of ['a', 'b']) after(6, started(name), `spec.containers{${name}}`)
    after(7, sent)
    assert.deepEqual(
      sums(metrics).filter((line) => line.includes('first')),
      [],
    )
  })

  it('of one that an agent before this one began with is not measured', () => {
    const { metrics, after } = start({ status: { startTime: creationTimestamp } })
    for (const name of ['a', 'b']) after(6, started(name), `spec.containers{${name}}`)
    after(7, sent)
    assert.deepEqual(sums(metrics), [])
  })

  it('is forgotten with the Pod', () => {
    const { pod, metrics, after } = start()
    assert.equal(metrics.seenAtMs(pod.metadata.uid), nowMs + 1000)
    after(2, { kind: 'pod-removed' })
    assert.equal(metrics.seenAtMs(pod.metadata.uid), undefined)
  })
})
