/**
 * `/checkpoint`: who asks hears from it as from a kubelet whose runtime does not do it. Rule:
 * pkg/kubelet/server/server.go, checkpoint.
 */
import { KubeletError } from '../../model/errors.ts'
import type { ServerCall } from '../route.ts'
import type { ServedPods } from '../served-pods.ts'

/** Why there is no checkpoint of a container. */
export function noCheckpoint(
  { params, query }: Pick<ServerCall, 'params' | 'query'>,
  pods: Pick<ServedPods, 'find'>,
): KubeletError {
  const { namespace = '', pod: name = '', container = '' } = params
  const pod = pods.find(namespace, name)
  if (pod === undefined) return new KubeletError('not-found', 'pod does not exist')
  const { containers, initContainers = [], ephemeralContainers = [] } = pod.spec
  if (![...containers, ...initContainers, ...ephemeralContainers].some((one) => one.name === container)) {
    return new KubeletError('not-found', `container ${container} does not exist`)
  }
  const timeout = query.getAll('timeout').at(-1)
  if (timeout !== undefined && !/^[-+]?\d+$/u.test(timeout)) {
    return new KubeletError('not-found', 'cannot parse value of timeout parameter')
  }
  const why = 'minikubelet does not support checkpoints of containers'
  return new KubeletError('unsupported', `checkpointing of ${namespace}/${name}/${container} failed (${why})`)
}
