import type { Engine, PullOptions, RegistryCredentials } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'

/**
 * Pulls with one after the other of the credentials until one is good; without any where there are none (PullImage in
 * pkg/kubelet/kuberuntime/kuberuntime_image.go). Returns which of them it was. Throws the error of the last
 * try, with what all of them said.
 */
export async function pullWithAny(
  engine: Engine,
  reference: string,
  {
    credentials,
    onProgress,
  }: { readonly credentials: readonly RegistryCredentials[] } & Pick<PullOptions, 'onProgress'>,
  signal: AbortSignal,
): Promise<number | undefined> {
  const options = onProgress === undefined ? {} : { onProgress }
  if (credentials.length === 0) {
    await engine.pullImage(reference, options, signal)
    return undefined
  }
  const errors: KubeletError[] = []
  for (const [index, one] of credentials.entries()) {
    try {
      await engine.pullImage(reference, { ...options, credentials: one }, signal)
      return index
    } catch (error) {
      // Not for lack of the right password: whoever asks next hears the same.
      if (signal.aborted || KubeletError.is(error, 'invalid', 'aborted')) throw error
      errors.push(KubeletError.from(error))
    }
  }
  throw aggregate(errors)
}

/** As Go's utilerrors.Aggregate prints: each text once, several in brackets. */
function aggregate(errors: readonly KubeletError[]): KubeletError {
  const [message = '', ...others] = new Set(errors.map((error) => error.message))
  const { code = 'internal', status, cause } = errors.at(-1) ?? {}
  const text = others.length === 0 ? message : `[${[message, ...others].join(', ')}]`
  return new KubeletError(code, text, { cause, ...(status === undefined ? {} : { status }) })
}
