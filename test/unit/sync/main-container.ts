import type { ContainerStatus } from '../../../src/model/kube.ts'
import { nowMs } from '../../builders/observed.ts'
import type { NodeInMemory } from '../../support/node-in-memory.ts'

/** The status of the first container of Pod `web`. */
export function statusOf(node: NodeInMemory): Partial<ContainerStatus> {
  return node.status('web')?.containerStatuses?.[0] ?? {}
}

/** When the instances of container `main` are started from now on, in seconds since the start of the test. */
export function startTimes(node: NodeInMemory): readonly number[] {
  const times: number[] = []
  node.docker.listen((event) => {
    if (event.kind !== 'container' || event.action !== 'start') return
    if (event.container.request.name.startsWith('k8s_main_')) times.push((event.atMs - nowMs) / 1000)
  })
  return times
}
