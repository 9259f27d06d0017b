import type { Cluster, PodKey } from '../../cluster/cluster.ts'
import { isOlderVersion } from '../../cluster/known-pods.ts'
import { KubeletError } from '../../model/errors.ts'
import type { Pod, PodStatus } from '../../model/kube.ts'
import type { PodEventSink } from '../../model/pod-event.ts'
import { isMirrorPod, isTerminalStatus, isTerminating, podRef } from '../../model/pod.ts'
import { hidesPullError } from '../../status/pull-error.ts'
import { sameStatus, statusPatch } from '../../status/status-patch.ts'
import { Bell } from '../../util/bell.ts'
import type { StatusSink } from './status-sink.ts'

export interface StatusWriterOptions {
  readonly cluster: Cluster
  readonly emit: PodEventSink
  readonly signal: AbortSignal
}

interface Entry {
  readonly key: PodKey
  readonly bell: Bell
  pod: Pod
  /** What the API server holds, as far as we have been told. */
  theirs: PodStatus | undefined
  /** The server's answer to our last patch, and its version. */
  echo: PodStatus | undefined
  echoVersion: string | undefined
  desired: PodStatus | undefined
  /** One from before `desired` that has to be seen all the same, see status/pull-error. */
  unseen: PodStatus | undefined
  /** Set when `desired` has to be sent (again). */
  dirty: boolean
  /** When it was set, of all that has not been sent since. */
  changedAtMs: number
  sending: Promise<void> | undefined
  heldUntilMs: number
  /** The object is gone or is somebody else's: nothing is sent any more. */
  gone: boolean
  /** No worker asks any more. */
  readonly forgotten: AbortController
}

/**
 * A Pod that is still being made, or is being ended, changes quickly: its news may wait this long for the next. Mostly
 * that is what the Pod has come to, and saves a request with its echo.
 */
const holdMs = 400
const firstRetryMs = 200
const maxRetryMs = 10_000

/**
 * Writes the newest status of each Pod to the API server: one request at a time for a Pod,
 * statuses in between are skipped.
 */
export class StatusWriter implements StatusSink {
  readonly #options: StatusWriterOptions
  readonly #entries = new Map<string, Entry>()
  /** The newest versions of Pods that nobody has reported on yet. */
  readonly #seen = new Map<string, Pod>()

  constructor(options: StatusWriterOptions) {
    this.#options = options
  }

  report(pod: Pod, status: PodStatus): void {
    const entry = this.#entry(pod)
    if (entry.desired !== undefined && sameStatus(entry.desired, status)) {
      entry.desired = status
      return
    }
    const wasDirty = entry.dirty
    if (wasDirty) keepUnseen(entry, entry.desired, status)
    else entry.changedAtMs = Date.now()
    entry.desired = status
    entry.dirty = true
    if (!mayWait(pod, status)) entry.heldUntilMs = 0
    else if (!wasDirty) entry.heldUntilMs = Date.now() + holdMs
    entry.bell.ring()
  }

  /** The API server has a new version of the Pod: a status that somebody else has written over is sent again. */
  observe(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid)
    if (entry === undefined) this.#seen.set(pod.metadata.uid, pod)
    if (entry === undefined || isOlder(pod.metadata.resourceVersion, entry.echoVersion)) return
    entry.pod = pod
    entry.theirs = pod.status
    if (entry.desired === undefined || entry.echo === undefined || entry.dirty) return
    if (pod.status !== undefined && sameStatus(pod.status, entry.echo)) return
    entry.dirty = true
    entry.changedAtMs = Date.now()
    entry.bell.ring()
  }

  /** The API server has gone back to an older version of the Pod: what it answered since then does not count any more. */
  rewind(pod: Pod): void {
    const entry = this.#entries.get(pod.metadata.uid)
    if (entry !== undefined) entry.echoVersion = undefined
    this.observe(pod)
  }

  /**
   * The API server has no object of the Pod any more: nothing is sent for it from now on. The answer would not always say
   * why: a node may not touch a Pod that was made under the same name for another node, whatever UID is asked for.
   */
  removed({ metadata: { uid } }: Pod): void {
    this.#seen.delete(uid)
    const entry = this.#entries.get(uid)
    if (entry !== undefined) entry.gone = true
  }

  async finish(pod: Pod, signal: AbortSignal): Promise<void> {
    const entry = this.#entry(pod)
    for (let failures = 0; !signal.aborted; failures += 1) {
      try {
        if (!entry.gone) await this.#send(entry, signal)
        if (!entry.gone) await this.#options.cluster.deletePod(entry.key, signal)
        entry.gone = true
        return
      } catch (error) {
        if (await this.#isLost(entry, error, signal)) return
        await new Bell().wait(Date.now() + retryDelayMs(error, failures), signal)
      }
    }
    throw new KubeletError('aborted', `Deleting the object of Pod "${entry.key.namespace}/${entry.key.name}" was ended`)
  }

  forget(uid: string): void {
    this.#entries.get(uid)?.forgotten.abort()
    this.#entries.delete(uid)
  }

  #entry(pod: Pod): Entry {
    const { namespace, name, uid } = pod.metadata
    const known = this.#entries.get(uid)
    if (known !== undefined) {
      // One that came while there was no entry yet to be told.
      if (isOlder(known.pod.metadata.resourceVersion, pod.metadata.resourceVersion)) this.observe(pod)
      return known
    }
    // Who reports may have begun before the newest version came.
    const seen = this.#seen.get(uid)
    const newest = isOlder(pod.metadata.resourceVersion, seen?.metadata.resourceVersion) ? (seen ?? pod) : pod
    this.#seen.delete(uid)
    const entry: Entry = {
      key: { namespace, name, uid },
      bell: new Bell(),
      pod: newest,
      theirs: newest.status,
      echo: undefined,
      echoVersion: undefined,
      desired: undefined,
      unseen: undefined,
      dirty: false,
      changedAtMs: 0,
      sending: undefined,
      heldUntilMs: 0,
      gone: false,
      forgotten: new AbortController(),
    }
    this.#entries.set(uid, entry)
    void this.#run(entry)
    return entry
  }

  /** Sends what is new for one Pod until nobody asks any more. Never rejects. */
  async #run(entry: Entry): Promise<void> {
    const signal = AbortSignal.any([this.#options.signal, entry.forgotten.signal])
    let failures = 0
    let untilMs: number | undefined
    while (!entry.gone) {
      await entry.bell.wait(untilMs, signal)
      untilMs = undefined
      if (signal.aborted) return
      if (!entry.dirty) continue
      if (entry.heldUntilMs > Date.now()) {
        untilMs = entry.heldUntilMs
        continue
      }
      try {
        await this.#send(entry, signal)
        failures = 0
      } catch (error) {
        if (KubeletError.is(error, 'aborted')) continue
        untilMs = Date.now() + retryDelayMs(error, failures)
        failures += 1
      }
    }
  }

  /**
   * Sends the newest status unless the server has it, and before it one that has to be seen; whoever calls while one is
   * on its way waits for that one.
   */
  async #send(entry: Entry, signal: AbortSignal): Promise<void> {
    entry.sending ??= this.#sendAll(entry, signal).finally(() => {
      entry.sending = undefined
    })
    await entry.sending
  }

  async #sendAll(entry: Entry, signal: AbortSignal): Promise<void> {
    while (entry.dirty && entry.desired !== undefined && !entry.gone) {
      const desired = withTheirEnd(entry, entry.unseen ?? entry.desired)
      const patch = statusPatch(entry.theirs, desired)
      entry.dirty = entry.unseen !== undefined
      entry.unseen = undefined
      entry.heldUntilMs = 0
      // Somebody has ended the Pod: its worker will say how that went. What it said before is not true any more. A
      // static Pod is nobody's to end by what its mirror says.
      if (isTerminalStatus(entry.theirs) && !isTerminalStatus(desired) && !isMirrorPod(entry.pod)) continue
      if (patch === undefined) {
        // It stands there already, sent by the agent before this one perhaps: that counts as our own.
        entry.echo = entry.theirs
        continue
      }
      const startedAtMs = Date.now()
      const { changedAtMs } = entry
      try {
        const answer = await this.#options.cluster.patchPodStatus(entry.key, patch, signal)
        // The watch may have told of a later version before the answer came.
        if (!isOlder(answer.metadata.resourceVersion, entry.pod.metadata.resourceVersion)) entry.theirs = answer.status
        entry.echo = answer.status
        entry.echoVersion = answer.metadata.resourceVersion
        this.#tellSent(entry.pod, desired, { startedAtMs, changedAtMs })
      } catch (error) {
        if (await this.#isLost(entry, error, signal)) {
          entry.gone = true
          return
        }
        if (KubeletError.is(error, 'invalid')) {
          this.#tellRefused(entry.pod, error)
          continue
        }
        keepUnseen(entry, desired, entry.desired)
        entry.dirty = true
        throw error
      }
    }
  }

  /**
   * Whether an error means that the object is gone or is another Pod's by now. A conflict says that, or only that
   * somebody else was quicker: the server is asked.
   */
  async #isLost({ key }: Entry, error: unknown, signal: AbortSignal): Promise<boolean> {
    if (KubeletError.is(error, 'not-found')) return true
    if (!KubeletError.is(error, 'conflict')) return false
    try {
      const pod = await this.#options.cluster.getPod(key.namespace, key.name, signal)
      return pod.metadata.uid !== key.uid
    } catch (failure) {
      return KubeletError.is(failure, 'not-found')
    }
  }

  #tellSent(
    pod: Pod,
    status: PodStatus,
    { startedAtMs, changedAtMs }: { startedAtMs: number; changedAtMs: number },
  ): void {
    const ready = status.conditions?.some(({ type, status: value }) => type === 'Ready' && value === 'True') ?? false
    const atMs = Date.now()
    const durationMs = atMs - startedAtMs
    const phase = status.phase ?? ''
    this.#options.emit({ kind: 'status-sent', pod: podRef(pod), atMs, phase, ready, durationMs, changedAtMs })
  }

  /** Sending it again would get the same answer: the next status may fare better. */
  #tellRefused(pod: Pod, error: KubeletError): void {
    const message = `The API server refused the status: ${error.message}`
    this.#options.emit({ kind: 'sync-failed', pod: podRef(pod), atMs: Date.now(), message })
  }
}

/** Whether more of a Pod is about to be told. */
function mayWait(pod: Pod, status: PodStatus): boolean {
  return status.phase === 'Pending' || (isTerminating(pod) && !isTerminalStatus(status))
}

/** How a Pod has ended is said once: what was on its way when somebody else said so does not change that. */
function withTheirEnd({ pod, theirs }: Entry, status: PodStatus): PodStatus {
  const isSaid = isTerminalStatus(theirs) && isTerminalStatus(status) && !isMirrorPod(pod)
  return isSaid && theirs?.phase !== undefined ? { ...status, phase: theirs.phase } : status
}

/** A status that was not sent gives way to the next one, unless that hides what it said. */
function keepUnseen(entry: Entry, status: PodStatus | undefined, next: PodStatus): void {
  entry.unseen = [status, entry.unseen].find((unseen) => unseen !== undefined && hidesPullError(unseen, next))
}

function retryDelayMs(error: unknown, failures: number): number {
  const asked = error instanceof KubeletError ? (error.retryAfterSeconds ?? 0) * 1000 : 0
  return Math.max(asked, Math.min(maxRetryMs, firstRetryMs * 2 ** failures))
}

/** Without versions to compare nothing counts as older. */
function isOlder(version: string | undefined, than: string | undefined): boolean {
  return version !== undefined && than !== undefined && isOlderVersion(version, than)
}
