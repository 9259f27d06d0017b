import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import type { PodStats, Summary } from '../../src/stats/summary/stats-types.ts'
import { proxiedNode } from '../support/node-address.ts'
import { Opened } from '../support/opened.ts'
import { Scraped } from '../support/scraped.ts'
import { faultsOf } from '../support/shape.ts'
import { nodeShape, podShape } from '../support/summary-shape.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, statusOf, staying } from '../support/test-pod.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
opened.defer(() => rm(folder, { recursive: true }))
const node = await opened.open(TestNode.start(`--pod-manifest-path=${folder}`, ...(await proxiedNode())))

/**
 * As the Pods of the upstream tests (getSummaryTestPods): it ends once, and then has a network, files in and outside its
 * volume, and something to do.
 */
const script = `
  echo hello >> /v/count
  if [ $(wc -l < /v/count) -lt 2 ]; then exit 0; fi
  i=0; while [ $i -lt 30000 ]; do i=$((i+1)); done
  trap 'exit 0' TERM
  while true; do
    echo 'some bytes' > /outside_the_volume.txt
    ping -c 1 $(ip route | awk '/default/{print $3}')
    echo 'hello world' >> /v/file
    touch /v/all-done
    sleep 1 & wait
  done`

async function raw(path: string): Promise<string> {
  return node.kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy${path}`)
}

async function summary(query = ''): Promise<Summary> {
  const answer: Summary = JSON.parse(await raw(`/stats/summary${query}`))
  return answer
}

function podIn({ pods }: Summary, name: string): PodStats {
  const found = pods.filter(({ podRef }) => podRef.name === name)
  assert.equal(found.length, 1, name)
  return found[0] ?? assert.fail()
}

function hasRestarted(pod: Pod): boolean {
  return isReady(pod) && statusOf(pod, 'busybox-container').restartCount === 1
}

/** A line of its log says that it has been around once. */
async function hasBeenAround(pod: Pod): Promise<void> {
  await node.untilPrinted(pod, 'busybox-container', '1 packets transmitted')
}

describe('What a node uses, through the API server', () => {
  before(async () => {
    const file = join(node.folder, 'static.json')
    const manifest = podManifest('static', [staying('main')])
    await writeFile(file, JSON.stringify({ ...manifest, metadata: { name: 'static', namespace: node.name } }))
    await rename(file, join(folder, 'static.json'))
    const container = shell('busybox-container', script, {
      resources: { limits: { memory: '80M' } },
      volumeMounts: [{ name: 'test-empty-dir', mountPath: '/v' }],
    })
    const pods = ['stats-busybox-0', 'stats-busybox-1'].map(async (name) => {
      const spec = { restartPolicy: 'Always' as const, volumes: [{ name: 'test-empty-dir', emptyDir: {} }] }
      await hasBeenAround(await node.createUntil(podManifest(name, [container], spec), 'restarted', hasRestarted))
    })
    await Promise.all([...pods, node.until(`static-${node.name}`, 'ready', isReady)])
  })

  it('is a summary with every field of the upstream test, each within its bounds', async () => {
    const answer = await summary()
    assert.deepEqual(faultsOf(answer.node, nodeShape(totalmem(), node.name), 'node'), [])
    const shape = podShape(totalmem(), 'busybox-container', 'test-empty-dir')
    for (const name of ['stats-busybox-0', 'stats-busybox-1']) {
      assert.deepEqual(faultsOf(podIn(answer, name), shape, name), [])
    }
  })

  it('is of CPU and memory alone where that is asked for', async () => {
    const pod = podIn(await summary('?only_cpu_and_memory=true'), 'stats-busybox-0')
    assert.deepEqual(Object.keys(pod).toSorted(), ['containers', 'cpu', 'memory', 'podRef', 'startTime', 'swap'])
  })

  it('names a static Pod by the UID that it has on its node', async () => {
    const { items } = await node.kubectl.get<{ readonly items: readonly Pod[] }>('pods')
    const mirror = items.find(({ metadata }) => metadata.name === `static-${node.name}`)
    const { podRef } = podIn(await summary(), `static-${node.name}`)
    assert.equal(podRef.uid, mirror?.metadata.annotations?.['kubernetes.io/config.hash'])
    assert.notEqual(podRef.uid, mirror?.metadata.uid)
  })

  it('is in /metrics/resource what the upstream test expects there', async () => {
    const scraped = new Scraped(`${await raw('/metrics/resource')}\n`)
    assert.equal(scraped.value('resource_scrape_error'), 0)
    const within = (name: string, [least, most]: readonly [number, number], labels = {}): void => {
      const value = scraped.value(name, labels) ?? Number.NaN
      assert.ok(value >= least && value <= most, `${name} ${value}`)
    }
    within('node_cpu_usage_seconds_total', [1, 1e6])
    within('node_memory_working_set_bytes', [1e7, totalmem()])
    within('node_swap_usage_bytes', [0, totalmem()])
    for (const pod of ['stats-busybox-0', 'stats-busybox-1']) {
      const own = { namespace: node.name, pod }
      const labels = { ...own, container: 'busybox-container' }
      within('container_cpu_usage_seconds_total', [0, 100], labels)
      within('container_memory_working_set_bytes', [10_000, 8e7], labels)
      within('container_start_time_seconds', [Date.now() / 1000 - 120, Date.now() / 1000], labels)
      within('container_swap_usage_bytes', [0, 0], labels)
      within('container_swap_limit_bytes', [0, 8e7], labels)
      within('pod_cpu_usage_seconds_total', [0, 100], own)
      within('pod_memory_working_set_bytes', [10_000, 8e7], own)
      within('pod_swap_usage_bytes', [0, 8e7], own)
    }
  })

  it('is in /metrics/cadvisor what the upstream test expects there', async () => {
    const scraped = new Scraped(`${await raw('/metrics/cadvisor')}\n`)
    const nowSeconds = Date.now() / 1000
    const own = { namespace: node.name, pod: 'stats-busybox-1' }
    const check = (container: string, families: typeof containerFamilies): void => {
      for (const [name, [least, most]] of families) {
        const values = scraped
          .of(name)
          .filter(({ labels }) => labels['container'] === container && labels['pod'] === own.pod)
          .map(({ value }) => value)
        assert.ok(values.length > 0, name)
        for (const value of values) assert.ok(value >= least && value <= most, `${name} ${value}`)
      }
    }
    check('busybox-container', [
      ...containerFamilies,
      ['container_last_seen', [nowSeconds - 60, nowSeconds + 5]],
      ['container_start_time_seconds', [nowSeconds - 120, nowSeconds]],
    ])
    check('POD', networkFamilies)
    const limit = scraped.value('container_spec_memory_limit_bytes', { ...own, container: 'busybox-container' })
    assert.equal(limit, 79_998_976)
  })
})

/** What test/e2e_node/container_metrics_test.go expects of the container, and of its sandbox. */
const containerFamilies: readonly (readonly [family: string, bounds: readonly [number, number]])[] = [
  ['container_blkio_device_usage_total', [0, 1e7]],
  ['container_cpu_system_seconds_total', [0, 100]],
  ['container_cpu_usage_seconds_total', [0, 100]],
  ['container_cpu_user_seconds_total', [0, 100]],
  ['container_file_descriptors', [0, 100]],
  ['container_fs_reads_bytes_total', [0, 1e7]],
  ['container_fs_reads_total', [0, 100]],
  ['container_fs_usage_bytes', [0, 1e6]],
  ['container_fs_writes_bytes_total', [0, 1e6]],
  ['container_fs_writes_total', [0, 200]],
  ['container_memory_cache', [0, 1e7]],
  ['container_memory_failcnt', [0, 0]],
  ['container_memory_failures_total', [0, 1e6]],
  ['container_memory_mapped_file', [0, 1e7]],
  ['container_memory_max_usage_bytes', [0, 8e7]],
  ['container_memory_rss', [10_000, 8e7]],
  ['container_memory_swap', [0, 0]],
  ['container_memory_usage_bytes', [10_000, 8e7]],
  ['container_memory_working_set_bytes', [10_000, 8e7]],
  ['container_oom_events_total', [0, 0]],
  ['container_processes', [0, 10]],
  ['container_sockets', [0, 10]],
  ['container_spec_cpu_period', [100_000, 100_000]],
  ['container_spec_cpu_shares', [2, 2]],
  ['container_spec_memory_reservation_limit_bytes', [0, 0]],
  ['container_spec_memory_swap_limit_bytes', [0, 8e7]],
  ['container_threads', [0, 10]],
  ['container_threads_max', [0, 1e5]],
  ['container_ulimits_soft', [0, 1_073_741_816]],
  ['container_fs_limit_bytes', [1e8, 1e13]],
]

const networkFamilies: typeof containerFamilies = [
  ['container_network_receive_bytes_total', [10, 1e7]],
  ['container_network_receive_errors_total', [0, 1000]],
  ['container_network_receive_packets_dropped_total', [0, 1000]],
  ['container_network_receive_packets_total', [0, 1000]],
  ['container_network_transmit_bytes_total', [10, 1e7]],
  ['container_network_transmit_errors_total', [0, 1000]],
  ['container_network_transmit_packets_dropped_total', [0, 1000]],
  ['container_network_transmit_packets_total', [0, 1000]],
]
