import { KubeletError } from '../../model/errors.ts'
import { tokenKey } from '../../translate/volumes/projected-payload.ts'
import type { ProjectionSource } from '../../translate/volumes/projection-source.ts'
import { tokenRequest } from '../../translate/volumes/token-request.ts'
import type { SpecRun } from '../pod-run.ts'

export interface TokenFacts {
  /** By `tokenKey`: each, or why it could not be had. */
  readonly tokens: ReadonlyMap<string, string | KubeletError>
  /** When the first of them is to be read anew; `undefined` where there are none. */
  readonly renewAtMs: number | undefined
}

/** Gathers the tokens that these sources of the Pod's volumes show. Throws `aborted` only. */
export async function tokenFacts(
  { context, pod, uid }: SpecRun,
  sources: readonly ProjectionSource[],
  signal: AbortSignal,
): Promise<TokenFacts> {
  const tokens = new Map<string, string | KubeletError>()
  let renewAtMs: number | undefined
  await Promise.all(
    sources.map(async (source) => {
      if (source.kind !== 'token') return
      try {
        if (context.objects === undefined) throw standalone()
        const held = await context.objects.tokens.get(uid, tokenRequest(pod, source), signal)
        tokens.set(tokenKey(source), held.token)
        renewAtMs = Math.min(renewAtMs ?? held.renewAtMs, held.renewAtMs)
      } catch (error) {
        if (KubeletError.is(error, 'aborted')) throw error
        tokens.set(tokenKey(source), KubeletError.from(error))
      }
    }),
  )
  return { tokens, renewAtMs }
}

function standalone(): KubeletError {
  const why = 'cannot use TokenManager when kubelet is in standalone mode'
  return new KubeletError('invalid', `failed to fetch token: ${why}`)
}
