/** Whether what the API server says of Pods is what Docker has. Pure. */
import type { ContainerStatus, Pod } from '../../../src/model/kube.ts'
import { sandboxContainerName } from '../../../src/model/labels.ts'
import { containersOf, labelOf, nameOf, type SeenContainer, type Snapshot } from './snapshot.ts'

/** Phase, states, ids, counts of restarts, times and addresses. */
export function statusesAreTrue(snapshot: Snapshot): readonly string[] {
  return snapshot.pods.flatMap((pod) => {
    const mine = containersOf(snapshot, pod)
    const statuses = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
    const faults = [
      ...statuses.flatMap((status) =>
        containerFaults(
          status,
          mine.filter((each) => labelOf(each, 'containerName') === status.name),
        ),
      ),
      ...phaseFaults(pod),
      ...addressFaults(pod, mine),
      ...readinessFaults(pod),
    ]
    return faults.map((fault) => `${nameOf(pod)}: ${fault}`)
  })
}

function containerFaults(status: ContainerStatus, instances: readonly SeenContainer[]): readonly string[] {
  const { name, state, containerID, restartCount } = status
  const running = instances.filter((instance) => instance.running)
  const told = instances.find(({ id }) => containerID === `docker://${id}`)
  if (state?.running !== undefined) {
    if (told === undefined) return [`${name} is said to run as ${containerID ?? 'nothing'}, which Docker does not have`]
    if (!told.running) return [`${name} is said to run, and Docker says that it ended with ${told.exitCode}`]
    const { startedAt } = state.running
    return [
      ...(isSameSecond(startedAt, told.startedAt)
        ? []
        : [`${name} runs since ${told.startedAt}, not ${startedAt ?? 'ever'}`]),
      ...countFaults(name, restartCount, told),
    ]
  }
  const what = state?.terminated === undefined ? 'to wait' : 'to have ended'
  if (running.length > 0) return [`${name} is said ${what}, and Docker says that it runs as ${running[0]?.id}`]
  // What was never started has no end in Docker; the kubelet's word for it says nothing that could be checked.
  if (state?.terminated === undefined || told === undefined || isSameSecond(undefined, told.startedAt)) return []
  const { exitCode, finishedAt } = state.terminated
  return [
    ...(exitCode === told.exitCode ? [] : [`${name} has ended with ${told.exitCode}, not ${exitCode}`]),
    ...(isSameSecond(finishedAt, told.finishedAt)
      ? []
      : [`${name} has ended at ${told.finishedAt}, not ${finishedAt ?? 'ever'}`]),
    ...countFaults(name, restartCount, told),
  ]
}

function countFaults(name: string, restartCount: number, told: SeenContainer): readonly string[] {
  const attempt = Number(labelOf(told, 'attempt'))
  return restartCount === attempt
    ? []
    : [`${name} was restarted ${attempt} times, and is said to have been ${restartCount}`]
}

/** The API has seconds, Docker nanoseconds; what has not been is nothing in the one, and the zero of time in the other. */
function isSameSecond(told: string | null | undefined, seen: string): boolean {
  return (told ?? neverYet).slice(0, neverYet.length) === seen.slice(0, neverYet.length)
}

const neverYet = '0001-01-01T00:00:00'

/** By the states of its containers, as the kubelet's getPhase has it. */
function phaseFaults({ spec, status }: Pod): readonly string[] {
  const phase = status?.phase ?? 'Unknown'
  // Ended by the node: that says nothing of its containers.
  if (status?.reason !== undefined) return phase === 'Failed' ? [] : [`it is ${phase} with the reason ${status.reason}`]
  const states = (status?.containerStatuses ?? []).map(({ state }) => state)
  const codes = states.flatMap((state) => state?.terminated?.exitCode ?? [])
  const allEnded = codes.length === spec.containers.length
  if (phase === 'Succeeded')
    return allEnded && codes.every((code) => code === 0) ? [] : ['it has Succeeded, and its containers have not']
  if (phase === 'Running') {
    return states.some((state) => state?.running !== undefined) ||
      restartsSome(spec.restartPolicy, states.length, codes)
      ? []
      : ['it is Running, and nothing of it runs or will']
  }
  return []
}

/** Containers that have ended are started again, or some have not come to that. */
function restartsSome(policy: string | undefined, count: number, codes: readonly number[]): boolean {
  if (codes.length < count) return true
  return policy === 'OnFailure' ? codes.some((code) => code !== 0) : policy !== 'Never'
}

function addressFaults({ spec, status }: Pod, mine: readonly SeenContainer[]): readonly string[] {
  const sandboxes = mine.filter((each) => labelOf(each, 'containerName') === sandboxContainerName && each.running)
  const [sandbox] = sandboxes
  if (sandboxes.length > 1) return [`it has ${sandboxes.length} sandboxes that run`]
  if (sandbox === undefined || spec.hostNetwork === true || status?.phase !== 'Running') return []
  return status.podIP === sandbox.ip ? [] : [`its address is ${sandbox.ip}, not ${status.podIP ?? 'none'}`]
}

function readinessFaults({ status }: Pod): readonly string[] {
  const ready = status?.conditions?.find(({ type }) => type === 'Ready')
  if (status?.phase !== 'Running' || ready === undefined) return []
  const allReady = (status.containerStatuses ?? []).every((each) => each.ready)
  return (ready.status === 'True') === allReady
    ? []
    : [`it is Ready: ${ready.status}, and its containers say another thing`]
}
