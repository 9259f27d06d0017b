import type { ContainerSpec, Pod, PodStatus } from '../model/kube.ts'
import { instancesOf, type ObservedContainer } from '../model/observed.ts'
import { containerFieldPath, podRef, sidecars, type PodRef } from '../model/pod.ts'
import type { PodEventBody, PodEventSink } from '../model/pod-event.ts'
import { hasProbes, type ProbeType, type ProbeVerdicts } from '../model/probe.ts'
import { InstanceProbes } from './instance-probes.ts'
import type { PodProbes, SeenPod } from './pod-probes.ts'
import type { ProbeOutcome } from './probe-outcome.ts'
import type { TakenOver } from './probe-state.ts'
import type { ProbeTools } from './run-probe.ts'

/** What a container has answered to one of its probes. */
export interface ProbeAnswer {
  readonly pod: PodRef
  readonly containerName: string
  readonly type: ProbeType
  readonly result: 'successful' | 'failed'
  readonly durationMs: number
}

export interface ProbesOptions extends ProbeTools {
  readonly emit: PodEventSink
  /** What is held of one of the Pod's containers has changed. */
  readonly onVerdicts: (uid: PodRef['uid']) => void
  /** Told of every answer that says something of a container. */
  readonly onAnswer?: (answer: ProbeAnswer) => void
  /** From 0 to 1. Default: `Math.random`. */
  readonly random?: () => number
}

/** The Pods without probes, all of them: nothing is made for one. */
const none: ReadonlyMap<string, ProbeVerdicts> = new Map()

/** Asks the containers of all Pods (pkg/kubelet/prober). Dispose it to end that. */
export class Probes implements PodProbes, AsyncDisposable {
  readonly #options: ProbesOptions
  readonly #pods = new Map<string, Map<string, InstanceProbes>>()

  constructor(options: ProbesOptions) {
    this.#options = options
  }

  look(pod: Pod, seen: SeenPod): ReadonlyMap<string, ProbeVerdicts> {
    const { uid } = pod.metadata
    const probed = [...sidecars(pod), ...pod.spec.containers].filter(hasProbes)
    const known = this.#pods.get(uid)
    if (probed.length === 0 && known === undefined) return none
    const instances = known ?? new Map<string, InstanceProbes>()
    this.#pods.set(uid, instances)
    const verdicts = new Map<string, ProbeVerdicts>()
    for (const container of probed) {
      const newest = instancesOf(seen.observed, container.name)[0]
      const probes = this.#probesOf(pod, container, { newest, instances, seen })
      if (probes !== undefined) verdicts.set(container.name, probes.verdicts)
    }
    return verdicts
  }

  forget(uid: string): void {
    for (const probes of this.#pods.get(uid)?.values() ?? []) probes.end()
    this.#pods.delete(uid)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const all = [...this.#pods.values()].flatMap((instances) => [...instances.values()])
    for (const probes of all) probes.end()
    this.#pods.clear()
    await Promise.all(all.map((probes) => probes.settled()))
  }

  /** The probes of a container's running instance, begun if need be; those of one that does not run are ended. */
  #probesOf(pod: Pod, container: ContainerSpec, { newest, instances, seen }: Look): InstanceProbes | undefined {
    const { name } = container
    const known = instances.get(name)
    const isRunning = newest?.state.phase === 'running'
    if (known !== undefined && (!isRunning || known.id !== newest.id)) {
      known.end()
      instances.delete(name)
    }
    if (!isRunning) return undefined
    if (known?.id === newest.id) {
      if (seen.isEnding) known.keepReadiness()
      known.hurry(Date.now())
      return known
    }
    const begun = this.#begin(pod, container, newest, seen)
    instances.set(name, begun)
    return begun
  }

  #begin(pod: Pod, container: ContainerSpec, instance: ObservedContainer, seen: SeenPod): InstanceProbes {
    const { onVerdicts, onAnswer, emit, engine, userAgent, random = Math.random } = this.#options
    const { name } = container
    const ref = podRef(pod)
    const fieldPath = containerFieldPath(pod, name)
    const tell = (event: PodEventBody): void => emit({ pod: ref, atMs: Date.now(), fieldPath, ...event })
    return new InstanceProbes({
      target: { container, id: instance.id, podIp: seen.podIp },
      tools: { engine, userAgent },
      startedAtMs: instance.state.phase === 'running' ? instance.state.startedAtMs : Date.now(),
      takenOver: takenOver(instance, seen.previous),
      isEnding: seen.isEnding,
      random,
      onOutcome: (probe, outcome) => tell(eventOf(name, probe, outcome)),
      onAnswer: (type, isWell, durationMs) => {
        onAnswer?.({ pod: ref, containerName: name, type, result: isWell ? 'successful' : 'failed', durationMs })
      },
      onVerdicts: (verdicts) => {
        const { started, ready, failed } = verdicts
        tell({ kind: 'container-probed', containerName: name, started, ready, failed })
        onVerdicts(ref.uid)
      },
    })
  }
}

function eventOf(
  containerName: string,
  probe: ProbeType,
  outcome: Exclude<ProbeOutcome, { kind: 'success' }>,
): PodEventBody {
  switch (outcome.kind) {
    case 'failure':
      return { kind: 'probe-failed', containerName, probe, output: outcome.output }
    case 'warning':
      return { kind: 'probe-warned', containerName, probe, output: outcome.output }
    case 'error':
      return { kind: 'probe-errored', containerName, probe, state: outcome.state, message: outcome.message }
    default:
      return outcome satisfies never
  }
}

interface Look {
  readonly newest: ObservedContainer | undefined
  /** The Pod's, by container name. */
  readonly instances: Map<string, InstanceProbes>
  readonly seen: SeenPod
}

/** What the last status says of this very instance, if it ran then: this agent has not started it. */
function takenOver({ name, id }: ObservedContainer, status: PodStatus | undefined): TakenOver | undefined {
  const all = [...(status?.initContainerStatuses ?? []), ...(status?.containerStatuses ?? [])]
  const told = all.find((container) => container.name === name)
  if (told?.state?.running === undefined || told.containerID !== `docker://${id}`) return undefined
  return { started: told.started ?? false, ready: told.ready }
}
