import { KubeletError } from '../../model/errors.ts'
import type { ContainerId } from '../../model/ids.ts'
import { usesHostNetwork } from '../../model/pod.ts'
import { sandboxRequest } from '../../translate/sandbox-request.ts'
import { createOnce, dockerText, isPassing, recordSandboxFailure, type PodRun, type SpecRun } from '../pod-run.ts'
import { forgetVolumes, lacksSource, unmake } from './lost-sources.ts'
import { sandboxFacts } from './sandbox-facts.ts'

/** Creates a sandbox. Why there is none is remembered and told; throws only what says nothing of the Pod (`isPassing`). */
export async function createSandbox(run: SpecRun, attempt: number): Promise<void> {
  const { context, pod, uid } = run
  const startedAtMs = Date.now()
  if (attempt > 0) run.emit({ kind: 'sandbox-changed' })
  try {
    const request = sandboxRequest(pod, await sandboxFacts(run, attempt))
    const id = await createOnce(run, request)
    if (id === undefined) return
    context.observed.put({
      kind: 'sandbox',
      id,
      owner: { podUid: uid, podName: pod.metadata.name, podNamespace: pod.metadata.namespace },
      attempt,
      createdAtMs: startedAtMs,
      state: { phase: 'created' },
      hostNetwork: usesHostNetwork(pod),
      runtime: request.body.HostConfig.Runtime ?? '',
      ips: [],
    })
    run.emit({ kind: 'sandbox-created', attempt, durationMs: Date.now() - startedAtMs })
  } catch (error) {
    if (isPassing(error)) throw error
    recordSandboxFailure(run, refusal('failed to create a sandbox', pod.metadata.name, error))
  }
}

/** What went wrong, with what was asked for where Docker has refused it (dockershim's and cri-dockerd's RunPodSandbox). */
function refusal(what: string, podName: string, thrown: unknown): string {
  const error = KubeletError.from(thrown)
  return error.status === undefined ? error.message : `${what} for pod "${podName}": ${dockerText(error)}`
}

/** Starts a sandbox, and learns its IPs. Failures as with `createSandbox`. */
export async function startSandbox(run: SpecRun, id: ContainerId): Promise<void> {
  const { context, uid } = run
  const startedAtMs = Date.now()
  try {
    await context.engine.start(id, run.signal)
  } catch (error) {
    if (isPassing(error)) throw error
    recordSandboxFailure(run, refusal('failed to start sandbox container', run.pod.metadata.name, error))
    if (lacksSource(KubeletError.from(error))) {
      forgetVolumes(run)
      await unmake(run, id)
    }
  } finally {
    context.observed.markStale(uid, id)
  }
  // Its IP is the first thing that anybody wants to know of it.
  const sandbox = (await context.observed.refresh(uid, run.signal)).sandboxes.find((candidate) => candidate.id === id)
  if (sandbox?.state.phase !== 'running') return
  if (!sandbox.hostNetwork && sandbox.ips.length === 0) {
    recordSandboxFailure(run, 'Docker gave the sandbox no IP address')
    return
  }
  run.memory.sandboxFailure = undefined
  run.emit({ kind: 'sandbox-started', ips: sandbox.ips, durationMs: Date.now() - startedAtMs })
}

/** The pause ends at once on its stop signal: the grace is for a Docker that is slow, not for it. */
const sandboxStopGraceSeconds = 10

/** Stops a sandbox, and with it lets go of the Pod's cgroup. Throws what `Engine.stop` throws. */
export async function stopSandbox(run: PodRun, id: ContainerId): Promise<void> {
  const startedAtMs = Date.now()
  await run.context.engine.stop(id, sandboxStopGraceSeconds, run.signal)
  run.context.observed.markStale(run.uid, id)
  // Nothing of the Pod runs now; a sandbox that replaces this one makes it anew.
  await run.context.cgroups.release(run.uid)
  run.emit({ kind: 'sandbox-stopped', durationMs: Date.now() - startedAtMs })
}
