import { randomUUID } from 'node:crypto'
import { labels } from '../../../../src/model/labels.ts'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import { someRunning } from './node-containers.ts'

const image = 'busybox:1.36'

/** Somebody else's container says by its labels that it is the agent's. */
export const foreignContainers: readonly Fault[] = [
  {
    // Of a Pod that nobody has: the agent is to take it for one that it has lost.
    name: 'foreign-orphan',
    inject: async (bed, random) => {
      const uid = randomUUID()
      for (const kind of ['sandbox', 'container']) {
        await make(bed, random.chance(0.7), { ...labelled(bed, uid), [labels.kind]: kind, [labels.attempt]: '0' })
      }
      return mended
    },
  },
  {
    // As a twin of one that runs, by all that the agent knows it by.
    name: 'foreign-twin',
    inject: async (bed, random) => {
      const kind = random.chance(0.3) ? 'sandbox' : 'container'
      for (const { id } of await someRunning(bed, random, kind, 1)) {
        const own = await labelsOf(bed, id)
        if (own !== undefined) await make(bed, random.chance(0.7), own)
      }
      return mended
    },
  },
]

function labelled(bed: ChaosBed, uid: string): Readonly<Record<string, string>> {
  return {
    [labels.node]: bed.cluster.name,
    [labels.podUid]: uid,
    [labels.podName]: 'foreign',
    [labels.podNamespace]: bed.cluster.name,
    [labels.containerName]: 'main',
  }
}

async function make(bed: ChaosBed, isStarted: boolean, own: Readonly<Record<string, string>>): Promise<void> {
  const flags = Object.entries(own).map(([key, value]) => `--label=${key}=${value}`)
  const how = isStarted ? ['run', '--detach'] : ['create']
  await bed.docker.run(...how, '--network=none', ...flags, image, 'sleep', '3600')
}

async function labelsOf(bed: ChaosBed, id: string): Promise<Readonly<Record<string, string>> | undefined> {
  const printed = await bed.docker.run('inspect', '--format', '{{json .Config.Labels}}', id).catch(() => undefined)
  if (printed === undefined) return undefined
  const parsed: Readonly<Record<string, string>> = JSON.parse(printed)
  return parsed
}
