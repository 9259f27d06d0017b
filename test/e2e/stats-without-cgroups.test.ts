/** What containers use on a node whose Pods have no cgroups, by the port that anyone may read. Static Pods. */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Summary } from '../../src/stats/summary/stats-types.ts'
import { Scraped } from '../support/scraped.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const node = await StandaloneNode.start('--cgroups-per-qos=false', '--enforce-node-allocatable=none')
after(() => node[Symbol.asyncDispose]())

function byText(one: string, other: string): number {
  return one < other ? -1 : 1
}

describe('A node whose Pods have no cgroups', () => {
  it('tells what their containers use, and of a Pod what those use together', async () => {
    await node.write('two.json', podManifest('two', [staying('one'), staying('other')]))
    const pod = await node.until('two', 'ready', (found) => found !== undefined && isReady(found))
    const summary: Summary = JSON.parse(await node.ask('/stats/summary'))
    const stats = summary.pods.find(({ podRef }) => podRef.uid === pod?.metadata.uid)
    assert.deepEqual(
      stats?.containers.map(({ name }) => name),
      ['one', 'other'],
    )
    const used = stats.containers.map(({ memory }) => memory?.workingSetBytes ?? 0)
    assert.ok(used.every((bytes) => bytes > 0))
    // The sandbox is a part of the Pod, too.
    assert.ok((stats.memory?.workingSetBytes ?? 0) > used.reduce((sum, bytes) => sum + bytes, 0))
    assert.equal(stats.network?.name, 'eth0')
    assert.ok(summary.node.systemContainers?.some(({ name }) => name === 'pods'))
  })

  it('shows no cgroup for the Pod in /metrics/cadvisor, and its containers where Docker has them', async () => {
    const scraped = new Scraped(await node.ask('/metrics/cadvisor'))
    const rows = scraped
      .of('container_memory_working_set_bytes')
      .filter(({ labels }) => labels['pod'] === `two-${node.name}`)
    assert.deepEqual(rows.map(({ labels }) => labels['container'] ?? '').toSorted(byText), ['POD', 'one', 'other'])
    for (const { labels } of rows) assert.match(labels['id'] ?? '', /^\/docker\/[0-9a-f]{64}$/u)
  })
})
