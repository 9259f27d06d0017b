import { glob, readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../../../src/cluster/json-object.ts'
import { requirePod } from '../../../src/cluster/decode-object.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { labels } from '../../../src/model/labels.ts'
import { mountsBelow } from '../../support/mounts.ts'
import type { ChaosBed } from '../fault.ts'
import type { Wanted } from '../workload/steps.ts'
import type { AgentSize, SeenContainer, Snapshot } from './snapshot.ts'

/** Looks at everything, side by side. Throws while Docker is away. */
export async function takeSnapshot(bed: ChaosBed, wanted: Wanted, signal: AbortSignal): Promise<Snapshot> {
  const { folders, cluster } = bed
  const [pods, node, lease, containers, podFolders, logFolders, logLinks, cgroups, runs, agent] = await Promise.all([
    seenPods(bed, signal),
    cluster.find(`/api/v1/nodes/${cluster.name}`, signal),
    cluster.find(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${cluster.name}`, signal),
    seenContainers(bed),
    entries(join(folders.root, 'pods')),
    entries(folders.podLogs),
    entries(folders.containerLogs),
    podCgroups(cluster.name),
    countedRuns(folders.host),
    agentSize(bed.agent.pid),
  ])
  const mounts = mountsBelow(folders.root).filter((path) => path !== folders.root)
  return {
    atMs: Date.now(),
    node: cluster.name,
    wanted,
    pods,
    nodeReady: isReady(node),
    leaseRenewedAtMs: Date.parse(stringAt(objectAt(asObject(lease), 'spec'), 'renewTime') ?? '') || 0,
    containers,
    mounts,
    podFolders,
    logFolders,
    logLinks,
    cgroups,
    starts: bed.starts.starts,
    runs,
    agent,
  }
}

/** Resident memory and open files of a process; `undefined` for one that has ended. */
export async function agentSize(pid: number | undefined): Promise<AgentSize | undefined> {
  if (pid === undefined) return undefined
  try {
    const [status, files] = await Promise.all([readFile(`/proc/${pid}/status`, 'utf8'), readdir(`/proc/${pid}/fd`)])
    const kilobytes = Number(/^VmRSS:\s+(\d+) kB$/mu.exec(status)?.[1])
    return { pid, rssMb: (kilobytes * 1024) / 1e6, openFiles: files.length }
  } catch {
    return undefined
  }
}

async function seenPods({ cluster }: ChaosBed, signal: AbortSignal): Promise<readonly Pod[]> {
  const items = asObject(await cluster.ask('GET', `${cluster.namespace}/pods`, signal))['items']
  return Array.isArray(items) ? items.map((item: unknown) => requirePod('list Pods', item)) : []
}

async function seenContainers({ docker, cluster }: ChaosBed): Promise<readonly SeenContainer[]> {
  const filters = encodeURIComponent(JSON.stringify({ label: [`${labels.node}=${cluster.name}`] }))
  const list = await docker.direct.ask('GET', `/containers/json?all=1&filters=${filters}`)
  const ids = Array.isArray(list) ? list.flatMap((item: unknown) => stringAt(asObject(item), 'Id') ?? []) : []
  const seen = await Promise.all(ids.map((id) => seenContainer(docker, id)))
  return seen.filter((container) => container !== undefined)
}

/** `undefined` for one that has gone meanwhile. */
async function seenContainer(docker: ChaosBed['docker'], id: string): Promise<SeenContainer | undefined> {
  const found = asObject(await docker.direct.ask('GET', `/containers/${id}/json`).catch(absent))
  if (found['Id'] === undefined) return undefined
  const state = objectAt(found, 'State')
  return {
    id,
    name: (stringAt(found, 'Name') ?? '').slice(1),
    labels: strings(objectAt(objectAt(found, 'Config'), 'Labels')),
    running: state['Running'] === true,
    exitCode: Number(state['ExitCode']),
    startedAt: stringAt(state, 'StartedAt') ?? '',
    finishedAt: stringAt(state, 'FinishedAt') ?? '',
    ip: stringAt(objectAt(found, 'NetworkSettings'), 'IPAddress') ?? '',
  }
}

function absent(error: unknown): undefined {
  if (error instanceof Error && error.message.includes(': 404 ')) return undefined
  throw error
}

function isReady(node: unknown): boolean {
  const conditions = objectAt(asObject(node), 'status')['conditions']
  return (
    Array.isArray(conditions) &&
    conditions.some((each: unknown) => isJsonObject(each) && each['type'] === 'Ready' && each['status'] === 'True')
  )
}

/** Each Pod has one in every hierarchy, or one in the only one. */
async function podCgroups(root: string): Promise<readonly string[]> {
  const uids = new Set<string>()
  for await (const folder of glob(`{,*/}${root}/kubepods{,/burstable,/besteffort}/pod*`, { cwd: '/sys/fs/cgroup' })) {
    uids.add(basename(folder).slice('pod'.length))
  }
  return [...uids]
}

async function countedRuns(folder: string): Promise<Readonly<Record<string, number>>> {
  const names = await entries(folder)
  const counted = await Promise.all(
    names.map(async (name) => [name, (await readFile(join(folder, name), 'utf8')).split('ran\n').length - 1] as const),
  )
  return Object.fromEntries(counted)
}

async function entries(folder: string): Promise<readonly string[]> {
  return await readdir(folder).catch(() => [])
}

function asObject(value: unknown): JsonObject {
  return isJsonObject(value) ? value : {}
}

function strings(object: JsonObject): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(object).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
  )
}
