/** Whether every Pod has what it should have. Pure. */
import type { Pod } from '../../../src/model/kube.ts'
import { expectationOf } from '../workload/expectation.ts'
import { sandboxContainerName } from '../../../src/model/labels.ts'
import { containersOf, labelOf, nameOf, uidOnNode, type SeenContainer, type Snapshot, type Start } from './snapshot.ts'

/** Each has come to what its label says: it runs whole, is over, is started again and again, or waits. */
export function podsAreComplete(snapshot: Snapshot): readonly string[] {
  return snapshot.pods.flatMap((pod) => {
    const mine = containersOf(snapshot, pod)
    return [...incomplete(pod), ...superfluous(pod, mine)].map((fault) => `${nameOf(pod)}: ${fault}`)
  })
}

/** Nothing that must run once has run twice: by what it counts itself, and by what Docker has told of. */
export function neverRunsTwice({ runs, starts, pods }: Snapshot): readonly string[] {
  const counted = Object.entries(runs)
    .filter(([, times]) => times > 1)
    .map(([name, times]) => `Pod ${name} of restartPolicy Never has run ${times} times`)
  const uids = new Set(pods.filter(({ spec }) => spec.restartPolicy === 'Never').map(uidOnNode))
  const ofNever = starts.filter(({ uid, container }) => uids.has(uid) && container !== sandboxContainerName)
  return [
    ...counted,
    ...again(ofNever, ({ uid, container }) => `${uid} ${container}`).map(
      ({ pod, container }) => `${container} of Pod ${pod} of restartPolicy Never was started more than once`,
    ),
    // A container is made anew for each of its runs.
    ...again(starts, ({ id }) => id).map(
      ({ pod, container, id }) => `${container} of Pod ${pod} was started again as ${id}`,
    ),
  ]
}

/** Those that have the key of one before them. */
function again(starts: readonly Start[], keyOf: (start: Start) => string): readonly Start[] {
  const keys = starts.map(keyOf)
  return starts.filter((start, index) => keys.indexOf(keyOf(start)) !== index)
}

function incomplete({ metadata, status }: Pod): readonly string[] {
  const expected = expectationOf(metadata.labels)
  const phase = status?.phase ?? 'without a status'
  const told = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const states = told.map(({ name, state }) => `${name} ${JSON.stringify(state)}`).join(', ')
  const isReady = status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True') === true
  switch (expected) {
    case undefined:
      return ['its label does not say what it is to come to']
    case 'ready':
      return phase === 'Running' && isReady ? [] : [`it should be ready and is ${phase}: ${states}`]
    case 'over':
      return phase === 'Succeeded' || phase === 'Failed' ? [] : [`it should be over and is ${phase}: ${states}`]
    case 'crashes': {
      const again = status?.containerStatuses?.some(({ restartCount }) => restartCount > 0) === true
      return phase === 'Running' && again ? [] : [`it should be started again and again and is ${phase}: ${states}`]
    }
    case 'lives':
      return phase === 'Running' ? [] : [`it should live and is ${phase}: ${states}`]
    case 'waits': {
      const waits = told.some(({ state }) => state?.waiting !== undefined)
      return (phase === 'Pending' || phase === 'Running') && waits && !isReady
        ? []
        : [`it should wait and is ${phase}: ${states}`]
    }
    default:
      return expected satisfies never
  }
}

/** Nothing runs of a Pod that is over, and nothing twice. */
function superfluous({ status }: Pod, mine: readonly SeenContainer[]): readonly string[] {
  const running = mine.filter((container) => container.running)
  if (status?.phase === 'Succeeded' || status?.phase === 'Failed') {
    return running.map(({ name }) => `it is ${status.phase}, and ${name} runs`)
  }
  const names = running.map((container) => labelOf(container, 'containerName'))
  const twice = new Set(names.filter((name, index) => names.indexOf(name) !== index))
  return [...twice].map((name) => `${name} runs more than once`)
}
