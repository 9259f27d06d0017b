import { setTimeout as delay } from 'node:timers/promises'
import { isJsonObject, stringAt } from '../../../src/cluster/json-object.ts'
import type { MeasuredNode, Side } from '../bed/measured-node.ts'
import { cpuSeconds, memoryUse, startedAtMs } from '../bed/process-usage.ts'
import type { TestBed } from '../bed/test-bed.ts'
import { familySum } from '../report/metrics-text.ts'
import { rowsOnly, type Measured } from '../report/result.ts'
import type { Row, Unit } from '../report/row.ts'
import { summarize } from '../report/summary.ts'

/** What each restart took, of one side; the times in milliseconds since the process was there. */
interface RestartSamples {
  readonly nodeReady: number[]
  /** Until the status of a Pod that had ended meanwhile said so. */
  readonly endSeen: number[]
  /** Until a Pod that had been created meanwhile was Ready. */
  readonly newReady: number[]
  /** In the first seconds, see `watchedMs`. */
  readonly cpuSeconds: number[]
  readonly dockerCalls: number[]
  readonly apiCalls: number[]
  /** At the end of those. */
  readonly rssMb: number[]
}

export interface RestartOptions {
  readonly pods: number
  readonly restarts: number
}

/** The calls of a restart are counted for so long after it. */
const watchedMs = 15_000
/** A heartbeat has a resolution of a second. */
const awayMs = 2000
const parallel = 20

/** The agent is stopped and started anew with Pods running; one of them has ended in between, another one has come. */
export async function measureRestart(bed: TestBed, { pods, restarts }: RestartOptions): Promise<Measured> {
  const sides = { ours: noSamples(), peer: noSamples() }
  for (const node of bed.nodes) {
    await bed.turns.give(node)
    const names = Array.from({ length: pods }, (_, index) => `running-${index}`)
    await startAll(node, names)
    for (let restart = 0; restart < restarts; restart += 1) await takeRestart(bed, node, restart, sides[node.side])
    await Promise.all(names.map((name) => node.cluster.end(name)))
  }
  return rowsOnly(restartRows(pods, sides))
}

async function startAll({ cluster }: MeasuredNode, names: readonly string[]): Promise<void> {
  for (let from = 0; from < names.length; from += parallel) {
    await Promise.all(names.slice(from, from + parallel).map((name) => cluster.start(name)))
  }
}

async function takeRestart(bed: TestBed, node: MeasuredNode, restart: number, into: RestartSamples): Promise<void> {
  const { cluster } = node
  const [ending, coming] = [`ending-${restart}`, `coming-${restart}`]
  await cluster.start(ending, { restartPolicy: 'Never' })
  const container = await containerOf(bed, await cluster.uidOf(ending))
  await node.stop()
  await bed.docker.ask('POST', `/containers/${container}/stop?t=1`)
  const ended = cluster.when(ending, 'ended')
  const ready = cluster.when(coming, 'ready')
  await cluster.create(coming)
  await delay(awayMs)
  await node.start()
  const beganMs = startedAtMs(node.pid)
  into.nodeReady.push((await cluster.nodeReadyAfter(beganMs)) - beganMs)
  into.endSeen.push((await ended) - beganMs)
  into.newReady.push((await ready) - beganMs)
  await delay(Math.max(0, beganMs + watchedMs - performance.now()))
  into.cpuSeconds.push(cpuSeconds(node.pid))
  into.rssMb.push(memoryUse(node.pid).rssMb)
  const metrics = await cluster.metrics()
  into.dockerCalls.push(familySum(metrics, dockerCalls[node.side]))
  into.apiCalls.push(familySum(metrics, 'rest_client_requests_total'))
  await Promise.all([cluster.end(ending), cluster.end(coming)])
}

/** The kubelet counts what its dockershim asks of Docker, and what itself asks of that, apart. */
const dockerCalls: Readonly<Record<Side, string>> = {
  ours: 'kubelet_runtime_operations_total',
  peer: 'kubelet_docker_operations_total',
}

/** The id of the one container of a Pod that is no sandbox: both sides have these labels. */
async function containerOf({ docker }: TestBed, uid: string): Promise<string> {
  const label = [`io.kubernetes.pod.uid=${uid}`, 'io.kubernetes.container.name=main']
  const listed = await docker.ask('GET', `/containers/json?filters=${encodeURIComponent(JSON.stringify({ label }))}`)
  const [found]: unknown[] = Array.isArray(listed) ? listed : []
  const id = isJsonObject(found) ? stringAt(found, 'Id') : undefined
  if (id === undefined) throw new Error(`Docker has no container of Pod ${uid}`)
  return id
}

function noSamples(): RestartSamples {
  return { nodeReady: [], endSeen: [], newReady: [], cpuSeconds: [], dockerCalls: [], apiCalls: [], rssMb: [] }
}

function restartRows(pods: number, { ours, peer }: Readonly<Record<Side, RestartSamples>>): readonly Row[] {
  const row = (what: string, unit: Unit, of: keyof RestartSamples, isDetail = true): Row => ({
    what,
    unit,
    ours: summarize(ours[of]),
    peer: peer[of].length === 0 ? undefined : summarize(peer[of]),
    isDetail,
  })
  return [
    row(`restarted with ${pods} → the Node says Ready`, 'ms', 'nodeReady', false),
    row(`restarted with ${pods} → an end meanwhile is told`, 'ms', 'endSeen', false),
    row(`restarted with ${pods} → a new Pod is Ready`, 'ms', 'newReady', false),
    row(`restarted with ${pods}: CPU of the first ${watchedMs / 1000} s`, 's of CPU', 'cpuSeconds', false),
    row('calls to Docker', '', 'dockerCalls'),
    row('calls to the API server', '', 'apiCalls'),
    row('memory (RSS) then', 'MB', 'rssMb'),
  ]
}
