import type { Pod } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'
import { effectiveContext } from '../security/effective-context.ts'

/**
 * The one user that all containers of a Pod are told to run as; `undefined` where there is none
 * (FsUserFrom in pkg/volume/util).
 */
export function fileUser(pod: Pod): number | undefined {
  const users = new Set(allContainers(pod).map((container) => effectiveContext(pod, container).runAsUser))
  return users.size === 1 ? [...users][0] : undefined
}
