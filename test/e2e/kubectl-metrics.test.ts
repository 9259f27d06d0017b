import assert from 'node:assert/strict'
import { mkdtemp, rm, rename, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { proxiedNode } from '../support/node-address.ts'
import { Opened } from '../support/opened.ts'
import { Scraped } from '../support/scraped.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
opened.defer(() => rm(folder, { recursive: true }))
const node = await opened.open(TestNode.start(`--pod-manifest-path=${folder}`, ...(await proxiedNode())))

/** What the node's proxy of the API server has of one of the paths. */
async function scrape(path: 'metrics' | 'metrics/probes' | 'metrics/slis'): Promise<Scraped> {
  // kubectl's answer comes without the end of its last line.
  return new Scraped(`${await node.kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy/${path}`)}\n`)
}

/** Scrapes again until something is there that is counted beside what the API server tells. */
async function scrapeUntil(path: Parameters<typeof scrape>[0], test: (scraped: Scraped) => boolean): Promise<Scraped> {
  const endMs = Date.now() + 60_000
  for (;;) {
    const scraped = await scrape(path)
    if (test(scraped)) return scraped
    assert.ok(Date.now() < endMs, `In vain waited for a metric of ${path}`)
  }
}

const alwaysWell = { exec: { command: ['true'] }, periodSeconds: 1 }

describe('The metrics of a node, through the API server', () => {
  before(async () => {
    const manifest = podManifest('static', [staying('main')])
    const unfinished = join(node.folder, 'static.json')
    await writeFile(unfinished, JSON.stringify({ ...manifest, metadata: { name: 'static', namespace: node.name } }))
    await rename(unfinished, join(folder, 'static.json'))
    await Promise.all([
      node.until(`static-${node.name}`, 'ready', isReady),
      node.createUntil(
        podManifest(
          'runs',
          [staying('main', { readinessProbe: alwaysWell, volumeMounts: [{ name: 'v', mountPath: '/v' }] })],
          {
            initContainers: [shell('init', 'exit 0')],
            volumes: [{ name: 'v', emptyDir: {} }],
          },
        ),
        'ready',
        isReady,
      ),
      node.createUntil(
        podManifest('crashed', [shell('main', 'exit 139')], { restartPolicy: 'Never' }),
        'over',
        hasPhase('Failed'),
      ),
    ])
  })

  it('have which node and which release it is', async () => {
    const scraped = await scrape('metrics')
    assert.equal(scraped.value('kubelet_node_name', { node: node.name }), 1)
    assert.equal(scraped.value('kubernetes_build_info', { major: '1', minor: '36' }), 1)
    assert.ok((scraped.value('process_resident_memory_bytes') ?? 0) > 10e6)
    assert.ok((scraped.value('process_cpu_seconds_total') ?? 0) > 0)
    assert.ok((scraped.value('process_open_fds') ?? 0) > 3)
  })

  it('have how many Pods there are, from where, and how far they are', async () => {
    const scraped = await scrape('metrics')
    const [runs, crashed, fromFile] = [{ static: '' }, { static: '' }, { static: 'true' }]
    assert.equal(scraped.value('kubelet_desired_pods', runs), 2)
    assert.equal(scraped.value('kubelet_desired_pods', fromFile), 1)
    assert.equal(scraped.value('kubelet_active_pods', crashed), 1)
    assert.equal(scraped.value('kubelet_active_pods', fromFile), 1)
    assert.equal(scraped.value('kubelet_mirror_pods'), 1)
    const working = (lifecycle: string, isStatic: string): number | undefined =>
      scraped.value('kubelet_working_pods', { config: 'desired', lifecycle, static: isStatic })
    assert.deepEqual([working('sync', ''), working('terminated', ''), working('sync', 'true')], [1, 1, 1])
    assert.equal(scraped.of('kubelet_working_pods').length, 15)
    assert.equal(scraped.value('kubelet_running_containers', { container_state: 'running' }), 2)
    assert.equal(scraped.value('kubelet_running_containers', { container_state: 'exited' }), 2)
    assert.equal(
      scraped.value('volume_manager_total_volumes', {
        plugin_name: 'kubernetes.io/empty-dir',
        state: 'actual_state_of_world',
      }),
      1,
    )
  })

  it('have how Pods start and containers end', async () => {
    const scraped = await scrape('metrics')
    assert.equal(scraped.value('kubelet_started_pods_total'), 3)
    assert.equal(scraped.value('kubelet_started_containers_total', { container_type: 'container' }), 3)
    assert.equal(scraped.value('kubelet_started_containers_total', { container_type: 'init_container' }), 1)
    const end = { container_type: 'container', exit_code: '139', reason: 'Error' }
    assert.equal(scraped.value('kubelet_terminated_containers_total', end), 1)
    assert.equal(scraped.value('kubelet_pod_start_duration_seconds_count'), 3)
    const [sli, total] = ['sli', 'total'].map(
      (what) => scraped.value(`kubelet_pod_start_${what}_duration_seconds_count`) ?? 0,
    )
    // Of the one that crashed it is chance whether it was reported to run.
    assert.ok(sli === total && (sli === 1 || sli === 2))
    assert.equal(scraped.value('kubelet_pod_worker_duration_seconds_count', { operation_type: 'create' }), 3)
    assert.equal(scraped.value('kubelet_run_podsandbox_duration_seconds_count'), 3)
  })

  it('have what Docker and the API server were asked, and the agent', async () => {
    const scraped = await scrape('metrics')
    const asked = (operation_type: string): number =>
      scraped.value('kubelet_runtime_operations_total', { operation_type }) ?? 0
    assert.deepEqual(['create_container', 'start_container'].map(asked), [7, 7])
    assert.ok(asked('list_containers') > 0 && asked('container_status') > 0)
    assert.ok((scraped.value('kubelet_pleg_relist_duration_seconds_count') ?? 0) > 0)
    assert.ok((scraped.value('kubelet_pleg_last_seen_seconds') ?? 0) > Date.now() / 1000 - 120)
    const patches = scraped.of('rest_client_requests_total').filter(({ labels }) => labels['method'] === 'PATCH')
    assert.ok(patches.some(({ labels }) => labels['code'] === '200'))
    const own = { method: 'GET', path: 'metrics', server_type: 'readwrite', long_running: 'false' }
    assert.equal(scraped.value('kubelet_http_inflight_requests', own), 1)
    assert.ok((scraped.value('kubelet_http_requests_total', own) ?? 0) >= 1)
    assert.ok((scraped.value('storage_operation_duration_seconds_count', { status: 'success' }) ?? 0) > 0)
  })

  it('have, below probes, what containers answer, as long as their Pods are there', async () => {
    const { metadata } = await node.until('runs', 'ready', isReady)
    const labels = { pod: 'runs', namespace: node.name, container: 'main', probe_type: 'Readiness' }
    const well = { ...labels, pod_uid: metadata.uid, result: 'successful' }
    const scraped = await scrapeUntil(
      'metrics/probes',
      (probes) => (probes.value('prober_probe_total', well) ?? 0) >= 2,
    )
    assert.ok((scraped.value('prober_probe_duration_seconds_count', labels) ?? 0) >= 2)
    assert.ok((scraped.value('process_start_time_seconds') ?? 0) > Date.now() / 1000 - 600)
    await node.kubectl.run('delete', 'pod', 'runs')
    await scrapeUntil('metrics/probes', (probes) => probes.of('prober_probe_total').length === 0)
  })

  it('have, below slis, what the checks of its health have found, and when the process was started', async () => {
    assert.equal(await node.kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy/healthz`), 'ok')
    const scraped = await scrape('metrics/slis')
    for (const name of ['ping', 'log', 'syncloop']) {
      assert.equal(scraped.value('kubernetes_healthcheck', { name, type: 'healthz' }), 1)
      assert.ok((scraped.value('kubernetes_healthchecks_total', { name, status: 'success' }) ?? 0) >= 1)
    }
    assert.ok((scraped.value('process_start_time_seconds') ?? 0) > Date.now() / 1000 - 600)
  })
})
