import { KubeletError } from '../../model/errors.ts'
import { mountedVolumes, volumeSource } from '../../translate/volumes/volume-source.ts'
import type { ClaimFact } from '../../volume/persistent/set-up-claim.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * What the claims of the Pod's volumes have come to, by the volumes' names, but for those in `leftAlone`. Throws `aborted`
 * only.
 */
export async function claimFacts(
  { context, pod }: SpecRun,
  leftAlone: ReadonlySet<string>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, ClaimFact>> {
  const facts = mountedVolumes(pod).map(async (volume): Promise<readonly (readonly [string, ClaimFact])[]> => {
    const source = volumeSource(pod, volume, context.paths)
    if (source.kind !== 'claim' || leftAlone.has(volume.name)) return []
    try {
      if (context.objects === undefined) throw new KubeletError('invalid', noServer(pod.metadata.namespace, source))
      const found = await context.objects.boundVolumes.find(pod, { ...source, volumeName: volume.name }, signal)
      return [[volume.name, { kind: 'bound', volume: found }]]
    } catch (error) {
      if (KubeletError.is(error, 'aborted')) throw error
      return [[volume.name, { kind: 'unknown', message: KubeletError.from(error).message }]]
    }
  })
  return new Map((await Promise.all(facts)).flat())
}

function noServer(namespace: string, { claimName }: { readonly claimName: string }): string {
  return `error processing PVC ${namespace}/${claimName}: failed to fetch PVC from API server: this node has none`
}
