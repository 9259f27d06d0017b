import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { PodSpec } from '../../src/model/kube.ts'
import { AttachedTerminal } from '../support/attached.ts'
import { freePort } from '../support/free-port.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, hasPhase, isReady } from '../support/test-pod.ts'
import { applyExample, readExample } from './examples.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** On another port than 80, which is the machine's. */
function onPort(port: number): (spec: PodSpec) => PodSpec {
  const conf = '/etc/nginx/conf.d/default.conf'
  const command = ['sh', '-c', `sed -i 's/listen 80;/listen ${port};/' ${conf} && exec nginx -g 'daemon off;'`]
  return ({ containers: [nginx, ...others], ...spec }) => {
    assert.ok(nginx !== undefined)
    return { ...spec, containers: [{ ...nginx, command }, ...others] }
  }
}

/** What `ps ax` shows to whoever sits at the terminal of the shell. */
async function processesSeen(example: string): Promise<readonly string[]> {
  const pod = await node.until(example, 'ready', isReady)
  using terminal = await AttachedTerminal.open(dockerId(pod, 'shell'))
  // The line that is typed is shown too, so that it must not have what is waited for.
  const shown = await terminal.type('ps ax; echo the""end', /theend/u)
  return shown.split(/\r?\n/u).map((line) => line.trim())
}

describe('The examples of namespaces', { concurrency: 3 }, () => {
  it('shared-processes shows the pause as process 1, nginx and the shell to whoever attaches', async () => {
    await applyExample(node, 'shared-processes.yaml')
    const lines = await processesSeen('shared-processes')
    assert.ok(
      lines.some((line) => /^1 .*\/pause$/u.test(line)),
      lines.join('\n'),
    )
    assert.ok(
      lines.some((line) => line.includes('nginx: master process')),
      lines.join('\n'),
    )
    assert.ok(
      lines.some((line) => line.includes('nginx: worker process')),
      lines.join('\n'),
    )
    assert.ok(
      lines.some((line) => line.endsWith(' sh')),
      lines.join('\n'),
    )
  })

  it("host-namespaces shows the node's processes, and serves on a port of the node", async () => {
    const port = await freePort()
    await applyExample(node, 'host-namespaces.yaml', onPort(port))
    const lines = await processesSeen('host-namespaces')
    assert.ok(
      lines.some((line) => line.includes('nginx: master process')),
      lines.join('\n'),
    )
    // The agent is no process of the Pod's.
    assert.ok(
      lines.some((line) => line.startsWith(`${node.agent.pid} `)),
      lines.join('\n'),
    )
    const answer = await fetch(`http://127.0.0.1:${port}/`)
    assert.match(await answer.text(), /Welcome to nginx/u)
  })

  it('disktype-ssd is refused by a node without the label when bound to it by hand, and scheduled to one with it', async () => {
    const [example] = await readExample('disktype-ssd.yaml')
    const spec = { ...example?.spec, nodeName: node.name }
    const byHand = { ...example, metadata: { name: 'by-hand' }, spec }
    await node.kubectl.feed('create', byHand)
    const refused = await node.until('by-hand', 'refused', hasPhase('Failed'))
    assert.deepEqual(
      [refused.status?.reason, refused.status?.message],
      [
        'NodeAffinity',
        "Pod was rejected: Predicate NodeAffinity failed: node(s) didn't match Pod's node affinity/selector",
      ],
    )
    assert.equal(
      await node.kubectl.run('get', 'pod', 'by-hand', '--no-headers', '-o', 'custom-columns=R:.status.reason'),
      'NodeAffinity',
    )
    await applyExample(node, 'disktype-ssd.yaml')
    await node.until('disktype-ssd', 'waiting for a node', ({ status }) =>
      (status?.conditions ?? []).some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable'),
    )
    await node.kubectl.run('label', 'node', node.name, 'disktype=ssd')
    const pod = await node.until('disktype-ssd', 'ready', isReady)
    assert.equal(pod.spec.nodeName, node.name)
  })
})
