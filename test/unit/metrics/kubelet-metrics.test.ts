import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletMetrics } from '../../../src/metrics/kubelet-metrics.ts'
import { podRef } from '../../../src/model/pod.ts'
import { nowMs } from '../../builders/observed.ts'
import { aPod } from '../../builders/pod.ts'
import { Scraped } from '../../support/scraped.ts'

const pod = podRef(aPod())

function metrics(): KubeletMetrics {
  return new KubeletMetrics({
    nodeName: 'node "1"',
    version: 'v1.36.0+x.1',
    platform: 'linux/amd64',
    startedAtMs: nowMs,
  })
}

async function scrape(of: KubeletMetrics, path: Parameters<KubeletMetrics['text']>[0] = 'metrics'): Promise<Scraped> {
  return new Scraped(await of.text(path, () => ({ wanted: [], worked: [], observed: [], mirrors: 0 })))
}

describe("The agent's metrics", () => {
  it('can be read from the first moment on', async () => {
    const scraped = await scrape(metrics())
    assert.equal(scraped.value('kubelet_node_name', { node: 'node "1"' }), 1)
    assert.equal(scraped.value('kubernetes_build_info', { git_version: 'v1.36.0+x.1', minor: '36' }), 1)
    assert.ok(scraped.samples.length > 100)
  })

  it('are what readers and others have counted, and what was asked of further sources', async () => {
    const all = metrics()
    all.read({ pod, atMs: nowMs, kind: 'sandbox-failed', message: '' })
    all.runtime.observe('status', 12, false)
    all.client.answered({ method: 'GET', status: undefined, host: 'h:1', durationMs: 1 })
    all.podSeen(aPod())
    all.podWorked({ uid: pod.uid, operation: 'create', startedAtMs: Date.now() + 3000, durationMs: 5, containers: 2 })
    all.add(() => [{ name: 'more', help: 'more', type: 'gauge', samples: [{ labels: [], value: 4 }] }])
    const scraped = await scrape(all)
    assert.equal(scraped.value('kubelet_started_pods_errors_total'), 1)
    assert.equal(
      scraped.value('kubelet_runtime_operations_duration_seconds_bucket', { operation_type: 'status', le: '0.0125' }),
      1,
    )
    assert.equal(scraped.value('rest_client_requests_total', { code: '<error>', method: 'GET', host: 'h:1' }), 1)
    assert.equal(scraped.value('kubelet_pod_worker_start_duration_seconds_count'), 1)
    assert.ok((scraped.value('kubelet_pod_worker_start_duration_seconds_sum') ?? 0) >= 2)
    assert.equal(scraped.value('kubelet_containers_per_pod_count_sum'), 2)
    assert.equal(scraped.value('more'), 4)
  })

  it('of requests say how many are under way', async () => {
    const all = metrics()
    const answered = all.server.request('GET', '/exec/n/p/c', 'readwrite')
    const labels = { method: 'GET', path: 'exec', server_type: 'readwrite', long_running: 'true' }
    assert.equal((await scrape(all)).value('kubelet_http_inflight_requests', labels), 1)
    answered()
    const scraped = await scrape(all)
    assert.equal(scraped.value('kubelet_http_inflight_requests', labels), 0)
    assert.equal(scraped.value('kubelet_http_requests_duration_seconds_count', labels), 1)
  })

  it('of probes end with their Pod', async () => {
    const all = metrics()
    all.probes.answered({ pod, containerName: 'main', type: 'startup', result: 'failed', durationMs: 1 })
    all.probes.answered({ pod, containerName: 'main', type: 'startup', result: 'successful', durationMs: 1 })
    const { namespace, name } = pod
    const labels = { container: 'main', namespace, pod: name, probe_type: 'Startup' }
    const scraped = await scrape(all, 'probes')
    assert.equal(scraped.value('prober_probe_total', { ...labels, result: 'failed', pod_uid: pod.uid }), 1)
    assert.equal(scraped.value('prober_probe_duration_seconds_count', labels), 1)
    all.read({ pod, atMs: nowMs, kind: 'pod-removed' })
    assert.deepEqual(
      new Set((await scrape(all, 'probes')).samples.map(({ name: sample }) => sample)),
      new Set(['process_start_time_seconds']),
    )
  })

  it('of health say what each check found last, and how often it found what', async () => {
    const all = metrics()
    all.health.checked('ping', true)
    all.health.checked('syncloop', true)
    all.health.checked('syncloop', false)
    const scraped = await scrape(all, 'slis')
    assert.equal(scraped.value('kubernetes_healthcheck', { name: 'ping', type: 'healthz' }), 1)
    assert.equal(scraped.value('kubernetes_healthcheck', { name: 'syncloop', type: 'healthz' }), 0)
    assert.equal(
      scraped.value('kubernetes_healthchecks_total', { name: 'syncloop', type: 'healthz', status: 'success' }),
      1,
    )
    assert.equal(
      scraped.value('kubernetes_healthchecks_total', { name: 'syncloop', type: 'healthz', status: 'error' }),
      1,
    )
  })
})
