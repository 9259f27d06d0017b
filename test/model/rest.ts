import assert from 'node:assert/strict'
import type { ContainerStatus, Pod } from '../../src/model/kube.ts'
import {
  allContainers,
  allContainerStatuses,
  initContainers,
  isSidecar,
  isTerminalStatus,
} from '../../src/model/pod.ts'
import { cpuShares } from '../../src/translate/resources/cpu-time.ts'
import { parseQuantity } from '../../src/util/quantity.ts'
import type { FakeContainer } from '../fakes/fake-container.ts'
import { identity, isSandbox } from './docker-ledger.ts'
import type { NodeLife } from './node-life.ts'

/** What must be true of a node on which nothing goes wrong any more, when there has been time for everything. */
export function checkRest(life: NodeLife): void {
  const { node } = life
  const pods = node.server.pods
  for (const pod of pods) checkPod(life, pod)
  const known = new Set(pods.map(({ metadata }) => metadata.uid))
  const orphans = node.docker.containers.filter((container) => !known.has(identity(container).uid))
  assert.deepEqual(
    orphans.map((container) => container.request.name),
    [],
    'Docker holds what nobody wants',
  )
}

/** The containers that wait to be started again after they have ended, with what they have ended as. */
export function backingOff({ node }: NodeLife): ReadonlySet<string> {
  const waiting = node.server.pods.flatMap(({ metadata, status }) =>
    allContainerStatuses(status)
      .filter(({ state }) => state?.waiting?.reason === 'CrashLoopBackOff')
      .map(({ name, containerID }) => `${name} of ${metadata.name}, ${containerID}`),
  )
  return new Set(waiting)
}

function checkPod(life: NodeLife, pod: Pod): void {
  const { name, uid, deletionTimestamp } = pod.metadata
  assert.equal(deletionTimestamp, undefined, `${name} was deleted and is still there`)
  const mine = life.node.docker.containers.filter((container) => identity(container).uid === uid)
  const running = mine.filter((container) => container.running)
  const sandboxes = running.filter(isSandbox)
  if (isTerminalStatus(pod.status)) {
    const isRejected = pod.status?.reason?.startsWith('OutOf') === true
    if (isRejected) assert.equal(life.docker.of(uid).runs('POD').length, 0, `${name} was rejected and has run`)
    assert.deepEqual(
      running.map((container) => container.request.name),
      [],
      `${name} is ${pod.status?.phase} and runs`,
    )
    return
  }
  assert.equal(pod.spec.activeDeadlineSeconds, undefined, `${name} lives longer than it may`)
  assert.equal(pod.status?.phase, 'Running', `${name} is ${pod.status?.phase} with all the time that it needs`)
  assert.equal(sandboxes.length, 1, `${name} has ${sandboxes.length} sandboxes that run`)
  for (const container of allContainers(pod)) {
    const status = allContainerStatuses(pod.status).find((each) => each.name === container.name)
    assert.ok(status, `${name} has no status of ${container.name}`)
    const mayEnd = !initContainers(pod).includes(container) || !isSidecar(container)
    checkContainer(
      `${container.name} of ${name}`,
      status,
      mine.filter((each) => identity(each).name === container.name),
      mayEnd,
    )
  }
  checkResize(pod, mine)
  const someRun = pod.spec.containers.some(
    ({ name: each }) =>
      allContainerStatuses(pod.status).find((status) => status.name === each)?.state?.running !== undefined,
  )
  assert.ok(someRun, `${name} is Running and nothing of it runs`)
  const waiting = allContainerStatuses(pod.status).filter(({ state }) => state?.waiting !== undefined)
  const everythingRuns = [...pod.spec.containers, ...initContainers(pod).filter(isSidecar)].every(
    ({ name: each }) => allContainerStatuses(pod.status).find((status) => status.name === each)?.ready,
  )
  const ready = pod.status.conditions?.find(({ type }) => type === 'Ready')?.status
  assert.equal(ready, everythingRuns ? 'True' : 'False', `${name} is Ready: ${ready}`)
  assert.deepEqual(
    waiting.map(({ name: each }) => each),
    [],
    `containers of ${name} still wait`,
  )
}

/** A Pod has the CPU that it asks for, or it waits for that with what it was given. */
function checkResize({ metadata: { name }, spec, status }: Pod, instances: readonly FakeContainer[]): void {
  const told = new Set(status?.conditions?.map(({ type }) => type))
  assert.ok(!told.has('PodResizeInProgress'), `${name} is still being resized`)
  for (const container of spec.containers) {
    const given = status?.containerStatuses?.find((each) => each.name === container.name)?.allocatedResources?.['cpu']
    const asked = container.resources?.requests?.['cpu']
    if (!told.has('PodResizePending')) assert.equal(given, asked, `${name} was not given what it asks for`)
    const [one] = instances.filter((each) => each.running && identity(each).name === container.name)
    const { nano = 0n } = parseQuantity(given ?? '0') ?? {}
    if (one !== undefined)
      assert.equal(one.resources.CpuShares, cpuShares(nano / 1_000_000n), `${name} has other shares`)
  }
}

/** A container runs, or has ended for good; and its status says so. */
function checkContainer(
  said: string,
  status: ContainerStatus,
  instances: readonly FakeContainer[],
  mayEnd: boolean,
): void {
  const running = instances.filter((instance) => instance.running)
  assert.ok(running.length <= 1, `${said} runs ${running.length} times`)
  const [one] = running
  if (one === undefined) {
    assert.ok(mayEnd, `${said} does not run`)
    assert.ok(status.state?.terminated, `${said} does not run and is ${JSON.stringify(status.state)}`)
    return
  }
  assert.ok(status.state?.running, `${said} runs and is ${Object.keys(status.state ?? {}).join()}`)
  assert.equal(status.containerID, `docker://${one.id}`, `${said} is said to be another`)
}
