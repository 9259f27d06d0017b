import type { PodAction } from '../../model/action.ts'
import { containerHash } from '../../model/container-hash.ts'
import type { DockerCreateRequest, DockerHostConfig } from '../../model/docker.ts'
import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import type { ContainerSpec } from '../../model/kube.ts'
import { instancesOf, type ActualResources } from '../../model/observed.ts'
import { isStaticPod, usesHostNetwork } from '../../model/pod.ts'
import { crashLoopLimits, nextBackOff } from '../../plan/back-off.ts'
import type { StartFailure } from '../../plan/pod-facts.ts'
import { containerRequest } from '../../translate/container-request.ts'
import { containerAmounts } from '../../translate/resources/allocation.ts'
import { allOf } from '../../util/all-of.ts'
import { bindSubPaths } from './bind-sub-paths.ts'
import { containerFacts } from './container-facts.ts'
import { beginPostStart } from './hook-actions.ts'
import { addSeccompFile } from './seccomp-file.ts'
import { forgetVolumes, lacksSource, missingPart, unmake } from './lost-sources.ts'
import { forgetImages, mountImages } from './image-volumes.ts'
import { createOnce, dockerText, isPassing, recordStartFailure, type PodRun, type SpecRun } from '../pod-run.ts'

type FailingStep = Omit<StartFailure, 'message' | 'retryAtMs'>
type Action<Kind extends PodAction['kind']> = Extract<PodAction, { kind: Kind }>

/**
 * Creates an instance of a container. What it is made of may have to be asked for first: only then does it take its turn
 * at Docker.
 */
export async function createContainer(
  run: SpecRun,
  action: Action<'create-container'>,
  inTurn: (create: () => Promise<void>) => Promise<void>,
): Promise<void> {
  const { context, memory, pod, uid } = run
  const { container, attempt } = action
  const { objectChanges, specChanges } = memory
  noteRestart(run, container.name)
  const configuring: FailingStep = { reason: 'CreateContainerConfigError', objectChanges, specChanges }
  // What shows images is for others a part of the runtime, and fails as that.
  const creating: FailingStep = { reason: 'CreateContainerError', specChanges }
  let step = creating
  try {
    const images = await mountImages(run, container)
    step = configuring
    const facts = await containerFacts(run, action, images)
    const request = containerRequest(pod, container, facts)
    await bindSubPaths(run, container, facts, 'others')
    await context.files.makeTerminationMessageFile(uid, container.name, attempt)
    step = creating
    await bindSubPaths(run, container, facts, 'images')
    await inTurn(async () => make(run, action, await addSeccompFile(request, { pod, container, facts })))
  } catch (error) {
    if (isPassing(error)) throw error
    forgetImages(run, container)
    const fault = KubeletError.from(error)
    if (lacksSource(fault)) forgetVolumes(run)
    recordStartFailure(run, container.name, { ...step, message: dockerText(fault) }, fault.cause)
  }
}

async function make(run: SpecRun, action: Action<'create-container'>, request: DockerCreateRequest): Promise<void> {
  const { context, memory, pod, uid } = run
  const { container, sandboxId, image, attempt } = action
  const startedAtMs = Date.now()
  const id = await createOnce(run, request)
  memory.images.delete(container.name)
  if (id === undefined) return
  const known = context.images.seen(image)
  context.observed.put({
    kind: 'container',
    id,
    owner: { podUid: uid, podName: pod.metadata.name, podNamespace: pod.metadata.namespace },
    name: container.name,
    sandboxId,
    attempt,
    hash: containerHash(container),
    createdAtMs: startedAtMs,
    state: { phase: 'created' },
    resources: madeWith(request.body.HostConfig),
    made: containerAmounts(pod, container),
    image: known?.tags[0] ?? container.image ?? '',
    imageId: image,
    imageRef: known?.digests[0] === undefined ? `docker://${image}` : `docker-pullable://${known.digests[0]}`,
    terminationMessageFile: undefined,
    terminationMessagePolicy: 'File',
    terminationGracePeriodSeconds: pod.spec.terminationGracePeriodSeconds,
  })
  run.emit({ kind: 'container-created', containerName: container.name, durationMs: Date.now() - startedAtMs })
}

function madeWith({ CpuShares, CpuQuota, CpuPeriod, Memory }: DockerHostConfig): ActualResources {
  return { cpuShares: CpuShares ?? 0, cpuQuota: CpuQuota ?? 0, cpuPeriod: CpuPeriod ?? 0, memoryBytes: Memory ?? 0 }
}

/** A restart is decided on: the next one will have to wait longer (the kubelet's doBackOff). */
function noteRestart({ context, memory, uid }: PodRun, name: string): void {
  const ended = instancesOf(context.observed.get(uid), name)[0]
  if (ended?.state.phase !== 'exited') return
  // Of a failed probe only the first is for nothing: the kubelet looks for the end of the instance before.
  const counts = memory.failedProbes.has(ended.id) ? ended.attempt > 0 : !memory.killedForRestart.has(ended.id)
  if (!counts) return
  const limits = { ...crashLoopLimits, maxMs: context.maxCrashLoopMs }
  memory.backOffs.set(name, nextBackOff(memory.backOffs.get(name), ended.state.finishedAtMs, Date.now(), limits))
}

/** Starts containers one after the other, in the order of the spec; one that can't be started holds up no other. */
export async function startContainers(run: SpecRun, actions: readonly Action<'start-container'>[]): Promise<void> {
  if (actions.length === 0) return
  await writeHosts(run)
  for (const action of actions) {
    if (run.phaseSignal.aborted) return
    await startContainer(run, action)
  }
}

async function startContainer(run: SpecRun, { container, id }: Action<'start-container'>): Promise<void> {
  const { context, memory, uid } = run
  const startedAtMs = Date.now()
  let hasStarted = false
  let isLost = false
  try {
    await context.engine.start(id, run.signal)
    hasStarted = true
    tune(run, container, id)
    // Why a hook failed is shown until it succeeds.
    if (memory.startFailures.get(container.name)?.reason !== 'PostStartHookError') {
      memory.startFailures.delete(container.name)
    }
    // The successor runs: whoever was killed for it has had it.
    for (const older of instancesOf(context.observed.get(uid), container.name)) memory.killedForRestart.delete(older.id)
    const attempt = context.observed.find(uid, id)?.attempt ?? 0
    run.emit({
      kind: 'container-started',
      containerName: container.name,
      attempt,
      durationMs: Date.now() - startedAtMs,
    })
    beginPostStart(run, container, id)
  } catch (error) {
    if (isPassing(error)) throw error
    const fault = KubeletError.from(error)
    const part = missingPart(run.pod, container, fault)
    if (part === undefined) {
      const message = `failed to start container "${id}": ${dockerText(fault)}`
      recordStartFailure(run, container.name, { reason: 'RunContainerError', message, instanceId: id })
    } else {
      const failure = { reason: 'CreateContainerError', specChanges: memory.specChanges, message: part } as const
      recordStartFailure(run, container.name, failure, fault)
      forgetImages(run, container)
    }
    if (lacksSource(fault)) forgetVolumes(run)
    isLost = part !== undefined || lacksSource(fault)
  } finally {
    const instance = context.observed.find(uid, id)
    // Beside what comes next: links are for others.
    if (instance?.kind === 'container' && !run.signal.aborted) context.logLinks.add(instance, hasStarted)
    context.observed.markStale(uid, id)
    if (!isLost) await noteStart(run, container.name, id)
  }
  if (isLost) await unmake(run, id)
}

/** It runs all the same, with what it could not be given told of. */
function tune({ context, pod, emit }: SpecRun, container: ContainerSpec, id: ContainerId): void {
  try {
    context.cgroups.tune(pod, container, id)
  } catch (error) {
    emit({ kind: 'sync-failed', message: KubeletError.from(error).message })
  }
}

/** A static Pod has no status in the API server that a later agent could go by, should Docker's records be removed. */
async function noteStart({ context, pod, uid }: SpecRun, containerName: string, id: ContainerId): Promise<void> {
  if (!isStaticPod(pod)) return
  const attempt = context.observed.find(uid, id)?.attempt ?? 0
  // It counts its restarts from zero again, at worst.
  await context.files.noteStarted(uid, containerName, attempt).catch(() => undefined)
}

/**
 * The hosts file names the Pod's IPs, so it is written before its containers start: each time, as the kubelet does it,
 * for the IPs, the host's own file and whatever a container has written there may have changed.
 */
async function writeHosts({ context, pod, uid }: SpecRun): Promise<void> {
  const ips = usesHostNetwork(pod) ? context.nodeIps : (context.observed.get(uid).sandboxes[0]?.ips ?? [])
  await context.files.writeHosts(pod, ips)
}

/** Removes a container with the links to its log, or a sandbox, from Docker. Throws what `Engine.remove` throws. */
export async function removeObject({ context, uid, signal }: PodRun, id: ContainerId): Promise<void> {
  const object = context.observed.find(uid, id)
  const works = [context.engine.remove(id, signal)]
  if (object?.kind === 'container') works.push(context.logLinks.remove(object))
  await allOf(works)
  context.observed.drop(uid, id)
}
