import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { ServiceAccountTokens } from '../../src/cluster/objects/service-account-tokens.ts'
import { podUid } from '../../src/model/ids.ts'
import type { Pod } from '../../src/model/kube.ts'
import { tokenRequest } from '../../src/translate/volumes/token-request.ts'
import { everyStep } from '../support/every-step.ts'
import { clusterHarness, kubeCluster, serverOf, type RealClusterHarness } from './cluster-harness.ts'
import { TcpProxy } from './tcp-proxy.ts'

let harness: RealClusterHarness
before(async () => {
  harness = await clusterHarness()
})
after(() => harness[Symbol.asyncDispose]())

/** A Pod with a token for ten minutes, the shortest that there are. */
function createPod(name: string): Promise<Pod> {
  const { admin, namespace, nodeName } = harness
  const sources = [{ serviceAccountToken: { path: 'token', expirationSeconds: 600 } }]
  return admin.createPod({ name, namespace, nodeName, spec: { volumes: [{ name: 'token', projected: { sources } }] } })
}

/** What the node keeps of tokens, behind a line that can be cut. */
async function aNode(signal: AbortSignal) {
  const { hostname, port } = await serverOf(harness.kubeconfig)
  const line = await TcpProxy.to(hostname, Number(port))
  const cluster = kubeCluster(harness.kubeconfig, { port: line.port })
  const faults: string[] = []
  const tokens = new ServiceAccountTokens({ cluster, onFault: (_, { code }) => faults.push(code), signal })
  const read = async (pod: Pod): Promise<string> => {
    const source = { kind: 'token', audience: '', expirationSeconds: 600, path: 'token' } as const
    return (await tokens.get(podUid(pod.metadata.uid), tokenRequest(pod, source), signal)).token
  }
  const end = (): Promise<void> =>
    everyStep(
      () => tokens[Symbol.asyncDispose](),
      () => cluster.close(),
      () => line[Symbol.asyncDispose](),
    )
  return { line, faults, read, [Symbol.asyncDispose]: end }
}

describe('the token of a Pod, with an API server behind a line that is cut', { timeout: 120_000 }, () => {
  it('is kept when its time to be renewed has come, and renewed when the line is mended', async (t) => {
    const pod = await createPod('renewed')
    await using node = await aNode(t.signal)
    const first = await node.read(pod)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    t.mock.timers.tick(480_000)
    node.line.breakDown()
    assert.equal(await node.read(pod), first)
    assert.deepEqual(node.faults, ['unavailable'])
    node.line.restore()
    assert.equal(await node.read(pod), first)
    t.mock.timers.tick(10_000)
    assert.notEqual(await node.read(pod), first)
  })

  it('is no more when it has expired, and comes again when the line is mended', async (t) => {
    const pod = await createPod('expired')
    await using node = await aNode(t.signal)
    await node.read(pod)
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() })
    t.mock.timers.tick(600_000)
    node.line.breakDown()
    await assert.rejects(node.read(pod), {
      code: 'unavailable',
      message: /^token "default".* expired and refresh failed: /,
    })
    node.line.restore()
    assert.match(await node.read(pod), /\./u)
  })

  it('of each of 40 Pods is its own, asked for all at once', async (t) => {
    const pods = await Promise.all(Array.from({ length: 40 }, (_, index) => createPod(`one-of-many-${index}`)))
    await using node = await aNode(t.signal)
    const tokens = await Promise.all(pods.map((pod) => node.read(pod)))
    assert.equal(new Set(tokens).size, 40)
    assert.deepEqual(node.faults, [])
  })
})
