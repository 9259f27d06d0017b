import { randomUUID } from 'node:crypto'
import { labels } from '../../../../src/model/labels.ts'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

const image = 'busybox:1.36'

/**
 * Somebody else's containers say by their labels that they are this node's, of a Pod that nobody has: the agent is to
 * take them for ones that it has lost. Of a Pod that is there they would be that Pod's: labels are all that
 * Docker keeps of whose they are.
 */
export const foreignContainers: readonly Fault[] = [
  {
    name: 'foreign-containers',
    inject: async ({ docker, cluster }, random) => {
      const uid = randomUUID()
      for (const kind of ['sandbox', 'container']) {
        const own = {
          [labels.node]: cluster.name,
          [labels.kind]: kind,
          [labels.podUid]: uid,
          [labels.podName]: 'foreign',
          [labels.podNamespace]: cluster.name,
          [labels.containerName]: 'main',
          [labels.attempt]: '0',
        }
        const flags = Object.entries(own).map(([key, value]) => `--label=${key}=${value}`)
        const how = random.chance(0.7) ? ['run', '--detach'] : ['create']
        await docker.run(...how, '--network=none', ...flags, image, 'sleep', '3600')
      }
      return mended
    },
  },
]
