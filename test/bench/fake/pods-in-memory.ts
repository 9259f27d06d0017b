/**
 * What so many Pods at once cost the agent's own code, on a Docker and an API server in memory: a program of its own, so
 * that its CPU and its memory are its own. `node test/bench/fake/pods-in-memory.ts 1000` prints a `MemoryRun` as JSON.
 */
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mock } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import { NodeInMemory } from '../../support/node-in-memory.ts'
import { isReady } from '../../support/test-pod.ts'
import { timed } from '../bed/timed.ts'

/** Milliseconds, each for one Pod. */
export interface MemoryRun {
  /** From the first until the last was Ready, and gone. */
  readonly readyMs: number
  readonly goneMs: number
  /** Of the whole process, fakes included, for a start and an end. */
  readonly cpuMs: number
}

/** How often it is looked whether all are gone; nobody says so. */
const lookMs = 5
/** Until V8 has compiled what is run again and again. */
const warmingUp = 200
/** Fewer Pods come more often, so that there is something to measure. */
const leastPods = 200

async function run(pods: number): Promise<MemoryRun> {
  const root = await mkdtemp(join(tmpdir(), 'minikubelet-bench-'))
  const allocatable = { cpu: '4000', memory: '8000Gi', pods: String(pods + warmingUp) }
  await using node = new NodeInMemory({ mock }, root, { clock: 'real', node: { status: { allocatable } } })
  await node.start()
  await startAndEnd(node, 'warm', warmingUp)
  const rounds = Math.ceil(leastPods / pods)
  const before = process.cpuUsage()
  let [readyMs, goneMs] = [0, 0]
  for (let round = 0; round < rounds; round += 1) {
    const took = await startAndEnd(node, `of-${round}`, pods)
    readyMs += took.readyMs
    goneMs += took.goneMs
  }
  const { user, system } = process.cpuUsage(before)
  const all = pods * rounds
  return { readyMs: readyMs / all, goneMs: goneMs / all, cpuMs: (user + system) / 1000 / all }
}

async function startAndEnd(
  node: NodeInMemory,
  prefix: string,
  pods: number,
): Promise<{ readonly readyMs: number; readonly goneMs: number }> {
  const names = Array.from({ length: pods }, (_, index) => `${prefix}-${index}`)
  const { promise: allReady, resolve } = Promise.withResolvers<void>()
  const ready = new Set<string>()
  node.server.listen((pod) => {
    if (pod.metadata.name.startsWith(`${prefix}-`) && isReady(pod)) ready.add(pod.metadata.name)
    if (ready.size === pods) resolve()
  })
  const [, readyMs] = await timed(async () => {
    for (const name of names) node.server.createPod({ name, nodeName: node.nodeName })
    await allReady
  })
  const [, goneMs] = await timed(async () => {
    for (const name of names) node.server.deletePodGracefully('default', name)
    while (node.server.pods.length > 0) await delay(lookMs)
  })
  return { readyMs, goneMs }
}

if (import.meta.main) process.stdout.write(JSON.stringify(await run(Number(process.argv[2] ?? 1000))))
