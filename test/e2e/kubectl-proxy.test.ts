import assert from 'node:assert/strict'
import { readdir } from 'node:fs/promises'
import { after, before, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { proxiedNode } from '../support/node-address.ts'
import { Printing } from '../support/printing.ts'
import { Scraped } from '../support/scraped.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start(...(await proxiedNode()))
after(() => node[Symbol.asyncDispose]())
const { kubectl } = node

interface PodList {
  readonly kind: string
  readonly items: readonly Pod[]
}

/** What the node's proxy of the API server has of a path. */
function raw(path: string): Promise<string> {
  return kubectl.run('get', '--raw', `/api/v1/nodes/${node.name}/proxy${path}`)
}

function named(list: PodList, name: string): readonly Pod[] {
  return list.items.filter(({ metadata }) => metadata.name === name && metadata.namespace === node.name)
}

describe('A node, through the proxy of the API server,', () => {
  let pod: Pod
  let proxy: Printing
  let base: string

  before(async () => {
    pod = await node.createUntil(podManifest('web', [shell('main', `echo hello; ${untilTold}`)]), 'ready', isReady)
    await node.untilPrinted(pod, 'main', 'hello\n')
    proxy = new Printing(kubectl, 'proxy', '--port=0')
    const [, address = ''] = await proxy.match(/^Starting to serve on (\S+)/mu)
    base = `http://${address}/api/v1/nodes/${node.name}`
  })
  after(() => proxy[Symbol.asyncDispose]())

  async function ask(path: string, init: RequestInit = {}): Promise<readonly [number, string]> {
    const answer = await fetch(`${base}${path}`, { ...init, signal: AbortSignal.timeout(30_000) })
    return [answer.status, await answer.text()]
  }

  it('shows the Pods that it knows, and those that Docker runs', async () => {
    const known: PodList = JSON.parse(await raw('/pods'))
    assert.equal(known.kind, 'PodList')
    assert.equal(named(known, 'web')[0]?.status?.phase, 'Running')
    const running: PodList = JSON.parse(await raw('/runningpods/'))
    assert.deepEqual(
      named(running, 'web')[0]?.spec.containers.map(({ name }) => name),
      ['main'],
    )
  })

  it('says how it is and how it is set', async () => {
    assert.equal(await raw('/healthz'), 'ok')
    for (const check of ['ping', 'log', 'syncloop']) assert.equal(await raw(`/healthz/${check}`), 'ok')
    const { kubeletconfig } = JSON.parse(await raw('/configz'))
    assert.equal(kubeletconfig.kind, 'KubeletConfiguration')
    assert.equal(kubeletconfig.port, node.port)
    assert.match(await raw('/flagz'), new RegExp(`hostname-override: ${node.name}`, 'u'))
    assert.match(await raw('/statusz'), /Up/u)
  })

  it('shows its log files, by its port and without it', async () => {
    const names = (await readdir('/var/log')).filter((name) => /^[a-z.]+$/u.test(name))
    for (const path of ['/proxy/logs/', `:${node.port}/proxy/logs/`]) {
      const [status, listing] = await ask(path)
      assert.equal(status, 200)
      assert.match(listing, /^<!doctype html>\n/u)
      assert.deepEqual(
        names.filter((name) => !listing.includes(`<a href="${name}`)),
        [],
      )
    }
  })

  it('shows the log of a container', async () => {
    const path = `/containerLogs/${node.name}/web/main`
    assert.equal(await raw(path), 'hello')
    assert.equal(await raw(`${path}?tailLines=0`), '')
  })

  it('runs a command in a container for a POST', async () => {
    const [status, output] = await ask(`/proxy/run/${node.name}/web/main?cmd=echo+there`, { method: 'POST' })
    assert.deepEqual([status, output], [200, 'there\n'])
  })

  it('tells what it uses, as an object and as metrics of every kind', async () => {
    const summary = JSON.parse(await raw('/stats/summary'))
    assert.equal(summary.node.nodeName, node.name)
    for (const [path, family] of [
      ['/metrics', 'kubelet_node_name'],
      ['/metrics/resource', 'node_cpu_usage_seconds_total'],
      ['/metrics/cadvisor', 'machine_cpu_cores'],
      ['/metrics/probes', 'process_start_time_seconds'],
      ['/metrics/slis', 'process_start_time_seconds'],
    ] as const) {
      assert.equal(new Scraped(`${await raw(path)}\n`).of(family).length, 1, path)
    }
  })

  describe('says in the words of the kubelet', () => {
    for (const [what, path, answer] of [
      ['that there is no such Pod', '/containerLogs/default/none/main', [404, 'pod "none" does not exist']],
      [
        'that there is no such container',
        '/containerLogs/NAMESPACE/web/none',
        [404, 'container "none" not found in pod "web"'],
      ],
      [
        'that there was none before',
        '/containerLogs/NAMESPACE/web/main?previous=true',
        [400, 'previous terminated container "main" in pod "web" not found'],
      ],
      [
        'that a number is none',
        '/containerLogs/NAMESPACE/web/main?tailLines=x',
        [400, '{"message": "Unable to decode query."}'],
      ],
      [
        'that a number is none that can be',
        '/containerLogs/NAMESPACE/web/main?tailLines=-1',
        [422, '{"message": "Invalid request."}'],
      ],
      [
        'that a command needs a stream',
        '/exec/NAMESPACE/web/main?command=ls',
        [400, 'you must specify at least 1 of stdin, stdout, stderr'],
      ],
      ['that a stream needs a Pod', '/exec/default/none/main?command=ls&output=1', [404, 'pod does not exist']],
      ['that there is no such page', '/none', [404, '404 page not found']],
      ['that there is no such file', '/logs/none', [404, '404 page not found']],
    ] as const) {
      it(what, async () => {
        const [status, text] = await ask(`/proxy${path.replace('NAMESPACE', node.name)}`)
        assert.deepEqual([status, text.trimEnd()], answer)
      })
    }

    it('that a method is none of a path, and goes on with everything else', async () => {
      const [status] = await ask('/proxy/pods', { method: 'DELETE' })
      assert.equal(status, 405)
      assert.equal(await raw('/healthz'), 'ok')
    })
  })
})
