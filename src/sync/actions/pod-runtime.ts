import { KubeletError } from '../../model/errors.ts'
import type { PodRuntime } from '../../translate/sandbox-request.ts'
import type { SpecRun } from '../pod-run.ts'

/** A class may name Docker itself, as with cri-dockerd: then its default runtime is meant. */
const dockerItself = 'docker'

/**
 * The OCI runtime of Docker's that the Pod's RuntimeClass stands for; `undefined` where it names none. Throws in the
 * words of the kubelet and of cri-dockerd for a class or a runtime that is not there, and `aborted` when the Pod is to end.
 */
export async function podRuntime({ context, pod, signal, phaseSignal }: SpecRun): Promise<PodRuntime | undefined> {
  const name = pod.spec.runtimeClassName
  if (!name) return undefined
  if (context.objects === undefined) {
    throw new KubeletError('unsupported', `failed to lookup RuntimeClass ${name}: there is no API server to ask`)
  }
  const { handler } = await context.objects.runtimeClasses.get(name, phaseSignal)
  if (handler === dockerItself) return { handler, runtime: undefined }
  if (!context.daemon.runtimes.includes(handler)) {
    // Docker may have been given it since the agent connected.
    const { runtimes } = await context.engine.info(signal)
    if (!runtimes.includes(handler)) {
      throw new KubeletError('invalid', `failed to get sandbox runtime: no runtime for "${handler}" is configured`)
    }
  }
  return { handler, runtime: handler }
}
