import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { MetricsServer } from '../support/metrics-server.ts'
import { proxiedNode } from '../support/node-address.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await TestNode.start(...(await proxiedNode()))
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node

/** The columns of the one line below the head of a table. */
function row(table: string, head: RegExp): readonly string[] {
  const [title = '', line = ''] = table.split('\n')
  assert.match(title, head)
  return line.trim().split(/\s+/u)
}

describe('kubectl top', () => {
  it('shows what a node and its Pods use, from what metrics-server reads of the node', async () => {
    const busy = shell('busy', 'while true; do :; done', { resources: { limits: { cpu: '300m', memory: '50Mi' } } })
    const idle = staying('idle', { resources: { limits: { memory: '50Mi' } } })
    await node.createUntil(podManifest('mixed', [busy, idle], { terminationGracePeriodSeconds: 0 }), 'ready', isReady)
    await using _ = await MetricsServer.start(kubectl, node.name)

    const ofNode = row(
      await kubectl.run('top', 'node', node.name),
      /^NAME +CPU\(cores\) +CPU(?:%|\(%\)) +MEMORY\(bytes\) +MEMORY(?:%|\(%\))/u,
    )
    assert.equal(ofNode[0], node.name)
    assert.match(ofNode.slice(1).join(' '), /^[1-9]\d*m \d+% [1-9]\d*Mi \d+%$/u)

    const ofPod = row(await kubectl.run('top', 'pod', 'mixed'), /^NAME +CPU\(cores\) +MEMORY\(bytes\)/u)
    assert.match(ofPod.join(' '), /^mixed [1-9]\d*m \d+Mi$/u)

    const lines = (await kubectl.run('top', 'pod', 'mixed', '--containers')).split('\n').slice(1)
    const cpuOf = new Map(
      lines.map((line) => [/\b(busy|idle)\b/u.exec(line)?.[1], Number.parseInt(/(\d+)m/u.exec(line)?.[1] ?? '', 10)]),
    )
    const busyMilli = cpuOf.get('busy') ?? 0
    // Its limit holds in each tenth of a second: it may be found to have used one more of them than it should.
    assert.ok(busyMilli > 5 && busyMilli < 600, `${busyMilli}m`)
    assert.ok((cpuOf.get('idle') ?? 1000) < busyMilli)
  })
})
