import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { V1Endpoints } from '@kubernetes/client-node'
import type { Pod, Wire } from '../../src/model/kube.ts'
import type { Watch } from '../support/kubectl.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, statusOf } from '../support/test-pod.ts'
import { applyExample } from './examples.ts'
import { readyPods } from './workloads.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

function isRestarted(pod: Pod): boolean {
  const { state, restartCount } = statusOf(pod, 'liveness')
  return state?.running !== undefined && restartCount === 1
}

/** Waits until a probe of an example has failed with these words, and its container has been restarted for it. */
async function restartedByProbe(name: string, words: string): Promise<Pod> {
  const unhealthy = await node.untilEvent(name, 'Unhealthy', `Liveness probe failed: ${words}`)
  assert.deepEqual([unhealthy.type, unhealthy.involvedObject.fieldPath], ['Warning', 'spec.containers{liveness}'])
  await node.untilEvent(name, 'Killing', 'Container liveness failed liveness probe, will be restarted')
  const pod = await node.until(name, 'restarted', isRestarted)
  const phases = node.versions(name).map(({ status }) => status?.phase)
  assert.ok(
    phases.slice(phases.indexOf('Running')).every((phase) => phase === 'Running'),
    phases.join(),
  )
  return pod
}

const page = '/usr/share/nginx/html/index.html'

/** The Service of ready-service.yaml on a node, and who is behind it. */
class ServiceOn implements Disposable {
  readonly #node: TestNode
  readonly #endpoints: Watch<Wire<V1Endpoints>>

  constructor(node: TestNode) {
    this.#node = node
    this.#endpoints = node.kubectl.watch(`/api/v1/namespaces/${node.name}/endpoints`, 'web')
  }

  /** How often its endpoints have changed. */
  get versions(): number {
    return this.#endpoints.changes.items.length
  }

  /** Applies the example and waits for its two replicas. */
  async start(): Promise<readonly [Pod, Pod]> {
    await applyExample(this.#node, 'ready-service.yaml')
    const [first, second] = await readyPods(this.#node, 'web', 2)
    if (first === undefined || second === undefined) throw new Error('There are no two replicas')
    return [first, second]
  }

  /** Waits until just these Pods get requests, and those are known as not ready. */
  async untilBehind(ready: readonly Pod[], unready: readonly Pod[]): Promise<void> {
    await this.#endpoints.changes.until(`${ready.length} Pods behind the Service`, (changes) => {
      const [subset] = changes.at(-1)?.object.subsets ?? []
      return areOf(subset?.addresses, ready) && areOf(subset?.notReadyAddresses, unready) ? subset : undefined
    })
  }

  [Symbol.dispose](): void {
    this.#endpoints[Symbol.dispose]()
  }
}

function areOf(addresses: readonly { readonly ip: string }[] = [], pods: readonly Pod[]): boolean {
  return (
    addresses.length === pods.length && pods.every(({ status }) => addresses.some(({ ip }) => ip === status?.podIP))
  )
}

describe('The examples with probes', { concurrency: 8 }, () => {
  it('liveness-exec is restarted when its file is gone', async () => {
    await applyExample(node, 'liveness-exec.yaml')
    await node.until('liveness-exec', 'ready', isReady)
    const words = "cat: can't open '/tmp/healthy': No such file or directory"
    const pod = await restartedByProbe('liveness-exec', words)
    assert.equal(statusOf(pod, 'liveness').lastState?.terminated?.exitCode, 137)
  })

  it('liveness-http is restarted when it answers 500', async () => {
    await applyExample(node, 'liveness-http.yaml')
    const pod = await node.until('liveness-http', 'ready', isReady)
    await node.untilPrinted(pod, 'liveness', '"kube-probe/')
    const restarted = await restartedByProbe('liveness-http', 'HTTP probe failed with statuscode: 500')
    assert.equal(statusOf(restarted, 'liveness').lastState?.terminated?.exitCode, 0)
  })

  it('liveness-tcp is not ready when nothing listens any more, and then restarted', async () => {
    await applyExample(node, 'liveness-tcp.yaml')
    await node.until('liveness-tcp', 'ready', isReady)
    const pod = await node.until('liveness-tcp', 'not ready any more', (seen) => !isReady(seen))
    const refused = `dial tcp ${pod.status?.podIP}:8080: connect: connection refused`
    await node.untilEvent('liveness-tcp', 'Unhealthy', `Readiness probe failed: ${refused}`)
    await restartedByProbe('liveness-tcp', refused)
    await node.until('liveness-tcp', 'ready again', isReady)
  })

  it('ready-service has those replicas behind it that are ready', async () => {
    using service = new ServiceOn(node)
    const [first, second] = await service.start()
    await service.untilBehind([first, second], [])
    await node.exec(first, 'nginx', 'mv', page, '/tmp/')
    await service.untilBehind([second], [first])
    const words = 'Readiness probe failed: HTTP probe failed with statuscode: 404'
    await node.untilEvent(first.metadata.name, 'Unhealthy', words)
    await node.exec(first, 'nginx', 'mv', '/tmp/index.html', page)
    await service.untilBehind([first, second], [])
  })

  it('ready-service keeps its replicas while the agent is killed and comes back', async () => {
    await using own = await TestNode.start()
    using service = new ServiceOn(own)
    const [first, second] = await service.start()
    await service.untilBehind([first, second], [])
    const before = service.versions
    await own.agent.kill()
    own.restartAgent()
    // That a probe fails shows that the new agent probes.
    await own.exec(first, 'nginx', 'mv', page, '/tmp/')
    await service.untilBehind([second], [first])
    assert.equal(service.versions, before + 1)
  })
})
