import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { Pod } from '../../../../src/model/kube.ts'
import type { ObservedPod } from '../../../../src/model/observed.ts'
import { openHttpPort } from '../../../../src/server/http-port.ts'
import { infoRoutes } from '../../../../src/server/info/info-routes.ts'
import { servedPods } from '../../../../src/server/served-pods.ts'
import { anObservedContainer, anObservedPod, exited } from '../../../builders/observed.ts'
import { quietLog } from '../../../support/quiet-log.ts'

const pod: Pod = {
  metadata: { name: 'web', namespace: 'default', uid: 'u1' },
  spec: { containers: [{ name: 'main', image: 'busybox' }] },
  status: { phase: 'Running' },
}

describe('the routes that show the agent', () => {
  it('list the Pods that it knows, each with where it comes from', async (test) => {
    const node = await shownNode(test)
    const own = { ...pod, metadata: { ...pod.metadata, annotations: { 'kubernetes.io/config.source': 'file' } } }
    node.pods.push(pod, own)
    const { items, ...list } = JSON.parse((await node.get('/pods')).body)
    assert.deepEqual(list, { kind: 'PodList', apiVersion: 'v1', metadata: {} })
    const annotations = { 'kubernetes.io/config.source': 'api' }
    assert.deepEqual(items, [{ ...pod, metadata: { ...pod.metadata, annotations } }, own])
    assert.equal((await node.get('/pods/')).status, 200)
  })

  it('list the Pods of which something runs, with that', async (test) => {
    const node = await shownNode(test)
    const init = anObservedContainer({ name: 'init', state: exited() })
    node.observed.push(
      anObservedPod({ containers: [anObservedContainer(), init] }),
      anObservedPod({ sandboxes: [], containers: [init] }),
    )
    const { items } = JSON.parse((await node.get('/runningpods/')).body)
    const { owner, name, image } = anObservedContainer()
    const metadata = { name: owner.podName, namespace: owner.podNamespace, uid: owner.podUid }
    assert.deepEqual(items, [{ metadata, spec: { containers: [{ name, image }] }, status: {} }])
  })

  it('show how it is set, under the name that the kubelet has for it', async (test) => {
    const node = await shownNode(test)
    const { status, type, body } = await node.get('/configz')
    assert.deepEqual([status, type], [200, 'application/json'])
    assert.deepEqual(JSON.parse(body), { kubeletconfig: { kind: 'KubeletConfiguration' } })
  })

  it('show its flags and its state', async (test) => {
    const node = await shownNode(test)
    assert.match((await node.get('/flagz')).body, /^\nkubelet flagz\nWarning: .*\nv: 2\n$/u)
    assert.match((await node.get('/statusz')).body, /\nBinary version: 1\.36\.0\n/u)
  })

  it('set how much is logged', async (test) => {
    const node = await shownNode(test)
    const put = (body: string) => node.get('/debug/flags/v', { method: 'PUT', body })
    assert.partialDeepStrictEqual(await put('6'), {
      status: 200,
      body: 'successfully set klog.logging.verbosity to 6\n',
    })
    assert.deepEqual(node.verbosities, [6])
    const wrong = {
      status: 400,
      body: 'failed set klog.logging.verbosity much: strconv.ParseInt: parsing "much": invalid syntax\n',
    }
    assert.partialDeepStrictEqual(await put('much'), wrong)
    assert.equal((await put('-1')).status, 400)
    assert.equal((await put('1'.repeat(100_000))).status, 400)
    assert.partialDeepStrictEqual(await node.get('/debug/flags/v'), { status: 406, body: 'unsupported http method\n' })
    assert.deepEqual(node.verbosities, [6])
  })

  it('say by name what they do not have', async (test) => {
    const node = await shownNode(test)
    const { status, body } = await node.get('/debug/pprof/heap')
    assert.deepEqual([status, body.startsWith('/debug/pprof is not supported')], [501, true])
  })

  it('say why there is no checkpoint of a container', async (test) => {
    const node = await shownNode(test)
    node.pods.push(pod)
    const post = async (path: string) => {
      const { status, body } = await node.get(path, { method: 'POST' })
      return [status, body.trimEnd()]
    }
    assert.deepEqual(await post('/checkpoint/default/other/main'), [404, 'pod does not exist'])
    assert.deepEqual(await post('/checkpoint/default/web/other'), [404, 'container other does not exist'])
    assert.deepEqual(await post('/checkpoint/default/web/main?timeout=x'), [
      404,
      'cannot parse value of timeout parameter',
    ])
    const why = 'minikubelet does not support checkpoints of containers'
    assert.deepEqual(await post('/checkpoint/default/web/main?timeout=5'), [
      500,
      `checkpointing of default/web/main failed (${why})`,
    ])
  })

  it('say that the agent is well, and which part of it is not', async (test) => {
    const node = await shownNode(test)
    assert.equal((await node.get('/healthz')).body, 'ok')
    node.loopFault = 'sync Loop took longer than expected'
    assert.equal((await node.get('/healthz')).status, 500)
    assert.equal((await node.get('/healthz/ping')).body, 'ok')
    assert.equal((await node.get('/healthz/log')).body, 'ok')
    const { status, body } = await node.get('/healthz/syncloop', { method: 'POST' })
    assert.deepEqual([status, body], [500, 'internal server error: sync Loop took longer than expected\n'])
  })
})

async function shownNode(test: TestContext) {
  const state = new State()
  const routes = infoRoutes({
    loopFault: () => state.loopFault,
    pods: servedPods({ pods: () => state.pods, status: () => undefined, staticUid: (uid) => uid }),
    observed: () => state.observed,
    configuration: async () => ({ kind: 'KubeletConfiguration' }),
    flags: async () => ({ v: '2' }),
    startedAtMs: 0,
    release: '1.36.0',
    setVerbosity: (verbosity) => state.verbosities.push(verbosity),
    systemLogs: { folder: '/var/log', linked: async () => [] },
  })
  const port = await openHttpPort({ address: '127.0.0.1', port: 0, flag: 'port', routes, log: quietLog })
  test.after(() => port[Symbol.asyncDispose]())
  const get = async (path: string, options: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port.port}${path}`, options)
    return { status: response.status, type: response.headers.get('content-type'), body: await response.text() }
  }
  return Object.assign(state, { get })
}

class State {
  loopFault: string | undefined
  readonly pods: Pod[] = []
  readonly observed: ObservedPod[] = []
  readonly verbosities: number[] = []
}
