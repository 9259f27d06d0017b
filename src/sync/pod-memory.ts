import { isDeepStrictEqual } from 'node:util'
import type { BackOff } from '../plan/back-off.ts'
import type {
  ImageFact,
  KillProgress,
  PodFacts,
  PostStart,
  ResizeFacts,
  StartFailure,
  VolumesFact,
  WaitingReason,
} from '../plan/pod-facts.ts'
import type { VolumeRetries } from '../plan/volume-retries.ts'
import { unsupportedFields, type UnsupportedField } from '../plan/unsupported-fields.ts'
import { toldPending, toldProgress, type ResizeProgress, type ResizeStanding } from '../model/resize.ts'
import type { ContainerId } from '../model/ids.ts'
import type { Pod, PodStatus } from '../model/kube.ts'
import type { ObservedPod } from '../model/observed.ts'
import { allContainers } from '../model/pod.ts'
import { restartUnderWay } from '../model/restart-all.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { vanishedInstances } from './vanished-instances.ts'

/** How long after a change the kubelet sees an image at the earliest: its next sync. */
const lookAfterMs = 10_000

/** How long to stay away from an image, and what its last pull failed with. */
export interface ImageBackOff extends BackOff, WaitingReason {}

/** A hook that runs. */
export interface HookCall {
  readonly kind: 'exec' | 'other' | 'sleep'
  readonly abort: AbortController
}

/**
 * What a worker remembers of its Pod between passes. All of it may be forgotten: a new agent starts without it and finds
 * its way from what Docker holds and the Pod's last status. Only the worker and its actions write here.
 */
export class PodMemory {
  volumes: VolumesFact = { kind: 'unprepared' }
  /** Those that are set up, by name. */
  mountedVolumes: ReadonlyMap<string, MountedVolume> = new Map()
  volumeRetries: VolumeRetries = new Map()
  /** Their set-up or refresh that is under way: whatever else is done with them comes after it. */
  settingUp: Promise<void> | undefined
  sandboxFailure: StartFailure | undefined
  /** The Pod's last status: the API server's at first, then our own. */
  status: PodStatus | undefined
  /** The last instances of containers that were started, by the Pod's folder; `undefined` while nobody has looked. */
  startedBefore: ReadonlyMap<string, number> | undefined
  /** What is known of what the Pod has been given in fact. */
  resize: ResizeFacts = { containers: new Map(), bounds: undefined, cpuPeriodUs: undefined, retryAtMs: undefined }
  /** How it stands with what the Pod asks for, and with what it was given. */
  standing: ResizeStanding = { pending: undefined, generation: undefined }
  resizing: ResizeProgress | undefined
  /** How often something that it refers to in the API server has changed. */
  objectChanges = 0
  /** How often the Pod itself has, beside its status. */
  specChanges = 0
  /** By `ImageUser.key`. */
  readonly images = new Map<string, ImageFact>()
  /** Pulls under way, by the same: each is ended when nobody wants its image any more. */
  readonly pulls = new Map<string, AbortController>()
  /** By the image's name, and not forgotten with it: who changes it there and back has not waited. */
  readonly imageBackOffs = new Map<string, ImageBackOff>()
  readonly startFailures = new Map<string, StartFailure>()
  readonly backOffs = new Map<string, BackOff>()
  readonly killedForRestart = new Set<ContainerId>()
  /** What the probes said last; by container name. */
  probes: PodFacts['probes'] = new Map()
  readonly failedProbes = new Set<ContainerId>()
  readonly kills = new Map<ContainerId, KillProgress>()
  readonly postStarts = new Map<ContainerId, PostStart>()
  /** Hooks that run, one for each container at a time. */
  readonly hookCalls = new Map<ContainerId, HookCall>()
  /** The calls to Docker that stop containers, to be ended when another takes their place. */
  readonly stopCalls = new Map<ContainerId, AbortController>()
  /** Names of containers and sandboxes of which nobody knows whether Docker has created them: its answer was lost. */
  readonly unanswered = new Set<string>()
  /** What the Pod had mounted and in its volumes is gone. */
  volumesTornDown = false
  /** The Pod's directory is emptied, and its last status is decided: both for good. */
  directoryRemoved = false
  /** What ran when this agent first looked has links to its logs. */
  logsLinked = false
  /** The Pod's cgroup is gone, and nothing has been put into a new one since. */
  cgroupRemoved = false
  isOver = false
  /** Instances whose end or kill has been told of, and each container's last back-off: each is told once. */
  readonly toldExits = new Set<ContainerId>()
  readonly toldBackOffs = new Map<string, string>()
  readonly toldKills = new Set<ContainerId>()
  readonly messages = new Map<ContainerId, string>()
  unsupported: readonly UnsupportedField[] = []
  readonly toldUnsupported = new Set<string>()
  refused: ReadonlyMap<string, string> = new Map()

  /** When this agent first saw the Pod. */
  readonly seenAtMs: number

  readonly #keptInstances: number

  /** `keptInstances`: of each container, besides the newest. */
  constructor(status: PodStatus | undefined, nowMs = 0, keptInstances = 1) {
    this.#keptInstances = keptInstances
    this.seenAtMs = nowMs
    this.status = status
    this.standing = { pending: toldPending(status, nowMs), generation: undefined }
    this.resizing = toldProgress(status, nowMs)
  }

  /**
   * Learns a (new) version of the Pod. Mostly only its status is new, which is our own. A changed image starts with a clean
   * slate: back-off and failures of its container were the old one's.
   */
  learnSpec(pod: Pod, before: Pod | undefined): void {
    if (before !== undefined) {
      if (saysTheSame(pod, before)) return
      this.specChanges += 1
    }
    this.unsupported = unsupportedFields(pod)
    this.refused = refusals(pod, this.unsupported)
    // What is added to a Pod may mount what nobody mounted before.
    if ((pod.spec.ephemeralContainers?.length ?? 0) > (before?.spec.ephemeralContainers?.length ?? 0)) {
      this.volumes = { kind: 'unprepared' }
    }
    const known = before === undefined ? [] : allContainers(before)
    for (const { name, image } of allContainers(pod)) {
      const old = known.find((container) => container.name === name)
      if (old === undefined || old.image === image) continue
      this.images.delete(name)
      this.pulls.get(name)?.abort()
      this.pulls.delete(name)
      this.startFailures.delete(name)
      this.backOffs.delete(name)
    }
  }

  facts(nowMs: number, observed: ObservedPod): PodFacts {
    return {
      nowMs,
      probes: this.probes,
      failedProbes: this.failedProbes,
      volumes: this.volumes,
      volumesUnderWay: this.settingUp !== undefined,
      volumesTornDown: this.volumesTornDown,
      images: this.images,
      startFailures: this.startFailures,
      objectChanges: this.objectChanges,
      specChanges: this.specChanges,
      backOffs: this.backOffs,
      sandboxFailure: this.sandboxFailure,
      postStarts: this.postStarts,
      kills: this.kills,
      killedForRestart: this.killedForRestart,
      restartingAll: restartUnderWay(this.status),
      vanished: vanishedInstances({ status: this.status, startedBefore: this.startedBefore ?? new Map() }, observed),
      refused: this.refused,
      resize: this.resize,
      keptInstances: this.#keptInstances,
    }
  }

  /**
   * Learns how it stands with what the Pod asks for now. What it has just been given begins
   * anew, whatever failed before.
   */
  learnStanding(standing: ResizeStanding, nowMs: number): void {
    const { generation } = standing
    const isNew = generation !== undefined && generation !== this.standing.generation
    this.standing = standing
    if (!isNew) return
    this.resizing = { generation, error: undefined, sinceMs: nowMs }
    this.resize = { ...this.resize, retryAtMs: undefined }
  }

  /** A container that is to end, starting or not, is none that starts any more; why its hook failed is still told. */
  endPostStart(id: ContainerId): void {
    this.hookCalls.get(id)?.abort.abort()
    if (this.postStarts.get(id)?.kind === 'running') this.postStarts.delete(id)
  }

  /** The kills of containers that don't run any more, which are over with this. */
  takeEndedKills(observed: ObservedPod): readonly KillProgress[] {
    const running = new Set(observed.containers.filter(({ state }) => state.phase === 'running').map(({ id }) => id))
    const ended = [...this.kills].filter(([id]) => !running.has(id))
    for (const [id, { sinceMs }] of ended) {
      const state = observed.containers.find((container) => container.id === id)?.state
      // It had ended by itself before anybody told it to: its policy says what comes then.
      if (state?.phase === 'exited' && state.finishedAtMs < sinceMs) this.killedForRestart.delete(id)
      this.kills.delete(id)
      this.stopCalls.delete(id)
    }
    return ended.map(([, kill]) => kill)
  }

  /** What Docker could not stop is due again. */
  retryKills(): void {
    for (const [id, kill] of this.kills) {
      if (kill.step.kind === 'retry') this.kills.set(id, { ...kill, step: { ...kill.step, atMs: 0 } })
    }
  }

  /** The Pod's status says from now on why its containers wait: an image's failure has been seen when it has been shown. */
  shown(waiting: ReadonlyMap<string, WaitingReason>, nowMs: number): void {
    const shown = [...waiting]
    for (const [key, image] of this.images) {
      if (image.kind !== 'failed' || image.shownAtMs !== undefined) continue
      // Of a volume's image any container tells that waits for it.
      const isShown = shown.some(
        ([name, { reason, message }]) => reason === image.reason && (name === key || message === image.message),
      )
      if (isShown) this.images.set(key, { ...image, shownAtMs: nowMs })
    }
  }

  /**
   * Images have changed in Docker: those that were not there may have come. They are looked for a while later: who makes an
   * image only to push it finds it left alone. False where no container waits for one.
   */
  imagesChanged(nowMs: number): boolean {
    let isWaitedFor = false
    for (const [name, image] of this.images) {
      if (image.kind !== 'failed') continue
      this.images.set(name, { ...image, lookAtMs: image.lookAtMs ?? nowMs + lookAfterMs })
      isWaitedFor = true
    }
    return isWaitedFor
  }

  /** Drops what was remembered of instances that are gone. */
  forgetGone(observed: ObservedPod): void {
    const running = new Set(observed.containers.filter(({ state }) => state.phase === 'running').map(({ id }) => id))
    for (const id of this.postStarts.keys()) if (!running.has(id)) this.postStarts.delete(id)
    // A command ends with its container by itself.
    for (const [id, { kind, abort }] of this.hookCalls) if (!running.has(id) && kind !== 'exec') abort.abort()
    const alive = new Set(observed.containers.map(({ id }) => id))
    for (const ids of [this.killedForRestart, this.failedProbes, this.toldExits, this.toldKills]) {
      for (const id of ids) if (!alive.has(id)) ids.delete(id)
    }
    for (const id of this.messages.keys()) if (!alive.has(id)) this.messages.delete(id)
  }
}

/** Whether whatever can be told of a Pod is the same, its status left aside. */
function saysTheSame(pod: Pod, before: Pod): boolean {
  const said = ({ metadata: { labels, annotations }, spec }: Pod): readonly unknown[] => [labels, annotations, spec]
  return isDeepStrictEqual(said(pod), said(before))
}

/** Containers that must not run, by name, with the message that their status shows. */
function refusals(pod: Pod, fields: readonly UnsupportedField[]): ReadonlyMap<string, string> {
  const refused = new Map<string, string>()
  for (const { path, consequence, containerName } of fields) {
    if (consequence !== 'refused') continue
    const names = containerName === undefined ? allContainers(pod).map(({ name }) => name) : [containerName]
    for (const name of names) refused.set(name, `${path} is not supported by minikubelet`)
  }
  return refused
}
