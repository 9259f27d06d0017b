import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosBed, Fault } from '../../fault.ts'
import type { PlanePart } from '../../bed/control-plane.ts'

/** The processes of the control plane end, for real. */
export const serverAway: readonly Fault[] = [
  killed('api-server-killed', ['kube-apiserver']),
  { ...killed('api-server-stopped', ['kube-apiserver'], 'SIGTERM'), slow: true },
  killed('etcd-killed', ['etcd']),
  {
    // An API server that was just started knows nothing from before, and etcd has forgotten it: whoever comes from there
    // has to list again.
    name: 'etcd-compacted',
    inject: async (bed, _, signal) => {
      await compact(bed.plane.etcdUrl, signal)
      await bed.plane.kill('kube-apiserver')
      return mending(bed)
    },
  },
]

function killed(name: string, parts: readonly PlanePart[], how: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Fault {
  return {
    name,
    inject: async (bed, random, signal) => {
      for (const part of parts) await bed.plane.kill(part, how)
      await delay(random.between(0, bed.faultMs), undefined, { signal })
      return mending(bed)
    },
  }
}

function mending(bed: ChaosBed): AsyncDisposable {
  return { [Symbol.asyncDispose]: () => bed.plane.up() }
}

/** Makes etcd forget all but the newest, by its JSON gateway. */
async function compact(etcdUrl: string, signal: AbortSignal): Promise<void> {
  const status: unknown = await post(`${etcdUrl}/v3/maintenance/status`, {}, signal)
  await post(`${etcdUrl}/v3/kv/compaction`, { revision: revisionOf(status), physical: true }, signal)
}

async function post(url: string, body: unknown, signal: AbortSignal): Promise<unknown> {
  const response = await fetch(url, { method: 'POST', body: JSON.stringify(body), signal })
  if (!response.ok) throw new Error(`etcd refuses ${url}: ${await response.text()}`)
  return await response.json()
}

function revisionOf(status: unknown): string {
  if (typeof status === 'object' && status !== null && 'header' in status) {
    const { header } = status
    if (typeof header === 'object' && header !== null && 'revision' in header) return String(header.revision)
  }
  throw new Error('etcd does not say its revision')
}
