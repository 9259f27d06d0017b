import { labels } from '../../../../src/model/labels.ts'
import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import { runningContainers, tryDocker } from './node-containers.ts'

const image = 'busybox:1.36'
const kept = 'chaos-kept:1'

/** Images go, while containers run from them. */
export const lostImages: readonly Fault[] = [
  {
    // No registry has it: Pods that come meanwhile wait until it is back.
    name: 'image-removed',
    inject: async (bed, _, signal) => {
      await bed.docker.run('tag', image, kept)
      await using stack = new AsyncDisposableStack()
      stack.defer(async () => {
        await bed.docker.run('tag', kept, image)
        await tryDocker(bed, 'rmi', kept)
      })
      await tryDocker(bed, 'rmi', '--force', image)
      await delay(bed.faultMs, undefined, { signal })
      return stack.move()
    },
  },
  {
    name: 'pause-image-removed',
    inject: async (bed) => {
      for (const reference of await sandboxImages(bed)) await tryDocker(bed, 'rmi', '--force', reference)
      return mended
    },
  },
  {
    // With every sandbox that keeps it, so that it is really gone.
    name: 'pause-image-removed-with-sandboxes',
    inject: async (bed) => {
      const references = await sandboxImages(bed)
      const sandboxes = await runningContainers(bed, 'sandbox')
      await Promise.all(sandboxes.map(({ id }) => tryDocker(bed, 'rm', '--force', id)))
      for (const reference of references) await tryDocker(bed, 'rmi', '--force', reference)
      return mended
    },
  },
]

async function sandboxImages(bed: ChaosBed): Promise<ReadonlySet<string>> {
  const filters = ['--filter', `label=${labels.node}=${bed.cluster.name}`, '--filter', `label=${labels.kind}=sandbox`]
  const printed = await bed.docker.run('ps', '--all', '--format', '{{.Image}}', ...filters)
  return new Set(printed.split('\n').filter((reference) => reference !== ''))
}
