import type { PodUse } from '../eviction/usage/pod-usage.ts'
import type { ContainerReading, NodeReading, PodReading } from './reading.ts'

/** What each Pod that runs uses, by its UID, as eviction asks. */
export function podUses({ pods }: NodeReading): ReadonlyMap<string, PodUse> {
  return new Map(pods.map((pod) => [pod.owner.podUid, podUse(pod)]))
}

function podUse({ row, processes, containers, volumes, hostsFile }: PodReading): PodUse {
  return {
    memory: row?.usage.memory.workingSet,
    processes,
    containers: containers.map(containerUse),
    volumes: volumes.map(({ name, isLocalEphemeral, content: { bytes, inodes } }) => ({
      name,
      isLocalEphemeral,
      bytes,
      inodes,
    })),
    hostsFile,
  }
}

function containerUse({ name, row, rootfs, log }: ContainerReading): PodUse['containers'][number] {
  return { name, memory: row.usage.memory.workingSet, rootfs, logs: log }
}
