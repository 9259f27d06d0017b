import { rmdir } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'
import { podCgroups } from '../../../support/pod-cgroups.ts'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import { someRunning, tryDocker, type ContainerKind, type NodeContainer } from './node-containers.ts'

/** Somebody does with `docker` what he likes, to what runs. */
export const touchedContainers: readonly Fault[] = [
  touched('container-killed', 'container', ['kill']),
  touched('container-stopped', 'container', ['stop', '--time=1']),
  touched('container-removed', 'container', ['rm', '--force']),
  touched('sandbox-killed', 'sandbox', ['kill']),
  touched('sandbox-removed', 'sandbox', ['rm', '--force']),
  renamed('container-renamed', 'container'),
  renamed('sandbox-renamed', 'sandbox'),
  paused('container-paused', 'container'),
  paused('sandbox-paused', 'sandbox'),
  {
    // All of a Pod at once, with what it stands on.
    name: 'pod-removed-from-docker',
    inject: async (bed, random) => {
      const [sandbox] = await someRunning(bed, random, 'sandbox', 1)
      if (sandbox !== undefined) await tryDocker(bed, 'rm', '--force', ...(await allOf(bed, sandbox)))
      return mended
    },
  },
  {
    // The kernel lets go of a cgroup only when nothing runs in it: so it goes right behind the Pod's containers.
    name: 'pod-cgroup-removed',
    inject: async (bed, random) => {
      for (const sandbox of await someRunning(bed, random, 'sandbox', 3)) {
        await tryDocker(bed, 'rm', '--force', ...(await allOf(bed, sandbox)))
        const folders = await podCgroups(sandbox.podUid, bed.cluster.name)
        await Promise.allSettled(folders.map((folder) => rmdir(folder)))
      }
      return mended
    },
  },
]

async function allOf(bed: ChaosBed, { podUid }: NodeContainer): Promise<readonly string[]> {
  const printed = await bed.docker.run('ps', '--all', '--quiet', '--filter', `label=io.kubernetes.pod.uid=${podUid}`)
  return printed.split('\n').filter((id) => id !== '')
}

function touched(name: string, kind: ContainerKind, command: readonly string[]): Fault {
  return {
    name,
    inject: async (bed, random) => {
      for (const { id } of await someRunning(bed, random, kind, 3)) await tryDocker(bed, ...command, id)
      return mended
    },
  }
}

function renamed(name: string, kind: ContainerKind): Fault {
  return {
    name,
    inject: async (bed, random) => {
      for (const { id } of await someRunning(bed, random, kind, 3)) {
        await tryDocker(bed, 'rename', id, `renamed-${id.slice(0, 12)}`)
      }
      return mended
    },
  }
}

function paused(name: string, kind: ContainerKind): Fault {
  return {
    name,
    inject: async (bed, random, signal) => {
      await using stack = new AsyncDisposableStack()
      for (const { id } of await someRunning(bed, random, kind, 3)) {
        if (await tryDocker(bed, 'pause', id)) stack.defer(async () => void (await tryDocker(bed, 'unpause', id)))
      }
      await delay(bed.faultMs, undefined, { signal })
      return stack.move()
    },
  }
}
