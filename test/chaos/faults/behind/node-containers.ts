import { labels } from '../../../../src/model/labels.ts'
import type { ChaosBed } from '../../fault.ts'
import type { Random } from '../../random.ts'

export interface NodeContainer {
  readonly id: string
  readonly name: string
  readonly podUid: string
}

export type ContainerKind = 'sandbox' | 'container'

/** What runs of the agent's, of this kind. */
export async function runningContainers(bed: ChaosBed, kind: ContainerKind): Promise<readonly NodeContainer[]> {
  const filters = [`label=${labels.node}=${bed.cluster.name}`, `label=${labels.kind}=${kind}`]
  const format = `{{.ID}}\t{{.Names}}\t{{.Label "${labels.podUid}"}}`
  const flags = filters.flatMap((filter) => ['--filter', filter])
  const printed = await bed.docker.run('ps', '--no-trunc', '--format', format, ...flags)
  return printed
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => {
      const [id = '', name = '', podUid = ''] = line.split('\t')
      return { id, name, podUid }
    })
}

/** Up to so many of them; nothing where nothing runs just now. */
export async function someRunning(
  bed: ChaosBed,
  random: Random,
  kind: ContainerKind,
  most: number,
): Promise<readonly NodeContainer[]> {
  // In Docker's order a seed would mean something else each time.
  const running = (await runningContainers(bed, kind)).toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return random.shuffled(running).slice(0, random.between(1, most))
}

/** Docker's client on one that may have gone by itself since it was picked. */
export async function tryDocker(bed: ChaosBed, ...args: readonly string[]): Promise<boolean> {
  try {
    await bed.docker.run(...args)
    return true
  } catch {
    return false
  }
}
