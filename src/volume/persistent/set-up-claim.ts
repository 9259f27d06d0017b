import type { KubeNode, PersistentVolume } from '../../model/kube.ts'
import type { MountedVolume } from '../../translate/volumes/mounted-volume.ts'
import { setUpPersistent, type FailedStep, type PersistentRequest } from './set-up-persistent.ts'

/** What a claim has come to. */
export type ClaimFact =
  | { readonly kind: 'bound'; readonly volume: PersistentVolume }
  /** Why it is not known what is to be mounted. */
  | { readonly kind: 'unknown'; readonly message: string }

export interface ClaimFacts {
  /** By the name of the Pod's volume, of those that are not set up yet. */
  readonly claims: ReadonlyMap<string, ClaimFact>
  /** As the API server has it. */
  readonly node: KubeNode
}

export interface FailedClaim extends FailedStep {
  readonly shownAs: string
}

/** Mounts what a volume of the Pod claims. Throws `aborted` only. */
export async function setUpClaim(
  volumeName: string,
  request: Omit<PersistentRequest, 'volume'> & Pick<ClaimFacts, 'claims'>,
  signal: AbortSignal,
): Promise<MountedVolume | FailedClaim> {
  const claim = request.claims.get(volumeName) ?? { kind: 'unknown', message: 'nobody has asked for its claim' }
  if (claim.kind === 'unknown') {
    return { kind: 'failed', step: 'process', shownAs: volumeName, message: claim.message }
  }
  const { volume } = claim
  const result = await setUpPersistent({ ...request, volume }, signal)
  return result.kind === 'failed' ? { ...result, shownAs: volume.metadata.name } : result
}
