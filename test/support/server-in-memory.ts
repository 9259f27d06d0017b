import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { request, type RequestOptions } from 'node:https'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import type { TestContext } from 'node:test'
import { openServingTls } from '../../src/certificates/serving/open-serving-tls.ts'
import { loadConfig } from '../../src/config/load-config.ts'
import { agentMetrics } from '../../src/kubelet-metrics.ts'
import { openPorts, type ServerParts } from '../../src/kubelet-server.ts'
import { nodeStats } from '../../src/kubelet-stats.ts'
import type { Pod } from '../../src/model/kube.ts'
import { servedPods } from '../../src/server/served-pods.ts'
import { ObservedPods } from '../../src/sync/observed-pods.ts'
import { Listeners } from '../../src/util/listeners.ts'
import { FakeApiServer } from '../fakes/fake-api-server.ts'
import { FakeCluster } from '../fakes/fake-cluster.ts'
import { FakeDocker } from '../fakes/fake-docker.ts'
import { FakeEngine } from '../fakes/fake-engine.ts'
import { Authority } from './authority.ts'
import { freePort } from './free-port.ts'
import { quietLog } from './quiet-log.ts'

export interface ServerInMemory {
  readonly port: number
  readonly readOnlyPort: number
  readonly parts: ServerParts
  readonly api: FakeApiServer
  readonly cluster: FakeCluster
  /** Vouches for clients. */
  readonly authority: Authority
  readonly pods: Pod[]
  /** The answer to a request, over TLS as anybody or as `options` say. */
  readonly ask: (path: string, options?: RequestOptions) => Promise<ServerAnswer>
}

export interface ServerAnswer {
  readonly status: number | undefined
  readonly body: string
}

/**
 * The agent's ports as it opens them, on a Docker and an API server in memory; without the latter where `flags` name a
 * folder of manifests. Closed when the test is over.
 */
export async function serverInMemory(test: TestContext, flags: readonly string[] = []): Promise<ServerInMemory> {
  const opened = new AsyncDisposableStack()
  test.after(() => opened.disposeAsync())
  const rootDir = await mkdtemp(join(tmpdir(), 'server-'))
  opened.defer(() => rm(rootDir, { recursive: true, force: true }))
  const [port, readOnlyPort] = [await freePort(), await freePort()]
  const ports = [`--port=${port}`, `--read-only-port=${readOnlyPort}`, '--healthz-port=0', '--address=127.0.0.1']
  const isAlone = flags.some((flag) => flag.startsWith('--pod-manifest-path'))
  const authority = await Authority.make('the CA')
  const caFile = join(rootDir, 'ca.crt')
  await writeFile(caFile, authority.cert)
  const source = isAlone ? `--client-ca-file=${caFile}` : '--kubeconfig=/kubeconfig'
  const name = ['--hostname-override=node-1', source, `--root-dir=${rootDir}`]
  const loaded = await loadConfig([...ports, ...name, ...flags], {}, () => assert.fail('there is no file'))
  assert.ok(loaded.kind === 'run')
  const { config } = loaded
  const api = new FakeApiServer()
  const cluster = new FakeCluster({ server: api, nodeName: config.nodeName })
  const engine = new FakeEngine({ docker: new FakeDocker(), nodeName: config.nodeName })
  const pods: Pod[] = []
  const serving = {
    config,
    authority: () => authority.cert,
    requested: undefined,
    changes: new Listeners(),
    nowMs: Date.now(),
    log: quietLog,
  }
  const measured = {
    config,
    engine,
    cluster,
    observed: new ObservedPods(engine),
    pods: servedPods({ pods: () => pods, status: () => undefined, staticUid: (uid) => uid }),
    metrics: agentMetrics(config),
    paths: { root: rootDir, podLogs: join(rootDir, 'pods') },
    mountedVolumes: () => new Map(),
    log: { ...quietLog, setVerbosity: () => {} },
    life: test.signal,
  }
  const parts: ServerParts = {
    ...measured,
    stats: nodeStats(measured),
    identity: { openServing: () => openServingTls(serving) },
    podsSeen: () => ({ wanted: [], worked: [], observed: [], mirrors: 0 }),
    relist: { listedAtMs: undefined },
  }
  opened.use(await openPorts(parts, test.signal))
  const ask = async (path: string, options: RequestOptions = {}): Promise<ServerAnswer> => {
    const sent = request({ host: '127.0.0.1', port, path, rejectUnauthorized: false, agent: false, ...options }).end()
    const [response] = await once(sent, 'response')
    return { status: response.statusCode, body: await text(response) }
  }
  return { port, readOnlyPort, parts, api, cluster, authority, pods, ask }
}
