import assert from 'node:assert/strict'
import { readFile, writeFile } from 'node:fs/promises'
import { test } from 'node:test'
import { parse } from 'yaml'
import { TestProxy } from '../integration/support/test-proxy.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, isReady, podManifest, staying, statusOf } from '../support/test-pod.ts'

interface Kubeconfig {
  readonly clusters: readonly { readonly cluster: { readonly server: string } }[]
}

/** Changes a kubeconfig so that its server is reached through a proxy. */
async function putProxyInto(path: string): Promise<TestProxy> {
  const kubeconfig: Kubeconfig = parse(await readFile(path, 'utf8'))
  const { hostname, port } = new URL(kubeconfig.clusters[0]?.cluster.server ?? '')
  const proxy = await TestProxy.listen({ target: { host: hostname, port: Number(port) } })
  const clusters = kubeconfig.clusters.map(({ cluster, ...others }) => ({
    ...others,
    cluster: { ...cluster, server: `https://127.0.0.1:${proxy.port}`, 'tls-server-name': hostname },
  }))
  await writeFile(path, JSON.stringify({ ...kubeconfig, clusters }))
  return proxy
}

await test('An agent that does not reach the API server keeps its Pods going, and catches up when it does', async () => {
  await using node = await TestNode.start()
  await node.agent.stop()
  await using proxy = await putProxyInto(node.kubeconfig)
  node.restartAgent()
  const [kept, deleted] = await Promise.all([
    node.createUntil(podManifest('kept', [staying('main')]), 'ready', isReady),
    node.createUntil(podManifest('deleted', [staying('main')]), 'ready', isReady),
  ])

  proxy.cut()
  await docker('kill', dockerId(kept, 'main'))
  await node.agent.log.first(
    'the restart',
    (line) => line.msg === 'container-started' && line['pod'] === `${node.name}/kept` && line['attempt'] === 1,
  )
  await node.kubectl.run('delete', 'pod', 'deleted', '--wait=false')
  await node.create(podManifest('new', [staying('main')]))
  assert.equal(statusOf(await node.until('kept', 'as it was', isReady), 'main').restartCount, 0)
  assert.equal((await node.containers(deleted)).filter(({ State }) => State.Running).length, 2)

  proxy.restore()
  await Promise.all([
    node.until('kept', 'restarted', (pod) => isReady(pod) && statusOf(pod, 'main').restartCount === 1),
    node.untilGone('deleted'),
    node.until('new', 'ready', isReady),
  ])
})
