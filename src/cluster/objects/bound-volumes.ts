import { setTimeout as delay } from 'node:timers/promises'
import { KubeletError } from '../../model/errors.ts'
import type { PersistentVolume, PersistentVolumeClaim, Pod } from '../../model/kube.ts'
import type { Cluster } from '../cluster.ts'

/** The claim that a volume of a Pod stands for. */
export interface ClaimRef {
  /** The volume's name in the Pod. */
  readonly volumeName: string
  readonly claimName: string
  /** The claim was made for this Pod alone, and must be its own. */
  readonly isEphemeral: boolean
}

/** It keeps a claim until no Pod uses it any more. */
const protectionFinalizer = 'kubernetes.io/pvc-protection'

/** The server forbids a node what its Pod names for a moment after the Pod was bound: how long to wait, and wait again. */
const allowedAfterMs = [20, 50, 100, 300, 500]

/** The PersistentVolumes behind the claims of Pods: asked for anew with each set-up, as a node may not watch them. */
export class BoundVolumes {
  readonly #cluster: Pick<Cluster, 'getClaim' | 'getPersistentVolume'>

  constructor(cluster: Pick<Cluster, 'getClaim' | 'getPersistentVolume'>) {
    this.#cluster = cluster
  }

  /**
   * The volume that a claim is bound to. Throws `aborted`, and otherwise `invalid` with what keeps the Pod from it, in
   * the kubelet's words (createVolumeSpec in pkg/kubelet/volumemanager/populator).
   */
  async find(
    pod: Pod,
    { volumeName, claimName, isEphemeral }: ClaimRef,
    signal: AbortSignal,
  ): Promise<PersistentVolume> {
    const { namespace, name } = pod.metadata
    const what = `error processing PVC ${namespace}/${claimName}`
    const claim = await inWords(what, this.#boundClaim(namespace, claimName, signal))
    if (isEphemeral && !isOwn(pod, claim)) {
      const message = `PVC ${namespace}/${claimName} was not created for pod ${namespace}/${name} (pod is not owner)`
      throw new KubeletError('invalid', message)
    }
    const volume = await inWords(what, this.#volumeOf(claim, signal))
    const { volumeMode = 'Filesystem' } = volume.spec
    if (volumeMode === 'Filesystem') return volume
    const message = `volume ${volumeName} has volumeMode ${volumeMode}, but is specified in volumeMounts`
    throw new KubeletError('invalid', message)
  }

  async #boundClaim(namespace: string, name: string, signal: AbortSignal): Promise<PersistentVolumeClaim> {
    const claim = await inWords(
      'failed to fetch PVC from API server',
      onceAllowed(() => this.#cluster.getClaim(namespace, name, signal), signal),
      `persistentvolumeclaims "${name}" not found`,
    )
    const fault = claimFault(claim)
    if (fault !== undefined) throw new KubeletError('invalid', fault)
    return claim
  }

  async #volumeOf({ metadata, spec }: PersistentVolumeClaim, signal: AbortSignal): Promise<PersistentVolume> {
    const name = spec?.volumeName ?? ''
    const volume = await inWords(
      `failed to fetch PV ${name} from API server`,
      onceAllowed(() => this.#cluster.getPersistentVolume(name, signal), signal),
      `persistentvolumes "${name}" not found`,
    )
    const { claimRef } = volume.spec
    if (claimRef?.uid === metadata.uid) return volume
    const fault =
      claimRef === undefined
        ? 'it has a nil pv.Spec.ClaimRef indicating it is not yet bound to the claim'
        : `its pv.Spec.ClaimRef.UID ${claimRef.uid ?? ''} does not point to claim.UID ${metadata.uid}`
    throw new KubeletError('invalid', `found PV object ${name} but ${fault}`)
  }
}

/** Why no Pod can use the claim, or not yet. */
function claimFault({ metadata, spec, status }: PersistentVolumeClaim): string | undefined {
  const isProtected = metadata.finalizers?.includes(protectionFinalizer) === true
  if (metadata.deletionTimestamp !== undefined && !isProtected) return 'PVC is being deleted'
  if (status?.phase !== 'Bound') return 'PVC is not bound'
  return (spec?.volumeName ?? '') === '' ? 'PVC has empty pvc.Spec.VolumeName' : undefined
}

function isOwn(pod: Pod, { metadata }: PersistentVolumeClaim): boolean {
  return (metadata.ownerReferences ?? []).some(({ controller, uid }) => controller === true && uid === pod.metadata.uid)
}

/** What failed, after what was being done; `absence` stands for an answer that there is no such thing. */
async function inWords<T>(what: string, promise: Promise<T>, absence?: string): Promise<T> {
  try {
    return await promise
  } catch (error) {
    const { code, message } = KubeletError.from(error)
    if (code === 'aborted') throw error
    const reason = code === 'not-found' ? (absence ?? message) : message
    throw new KubeletError('invalid', `${what}: ${reason}`, { cause: error })
  }
}

async function onceAllowed<T>(get: () => Promise<T>, signal: AbortSignal): Promise<T> {
  for (const waitMs of allowedAfterMs) {
    try {
      return await get()
    } catch (error) {
      if (!KubeletError.is(error, 'forbidden')) throw error
    }
    await delay(waitMs, undefined, { signal }).catch((error: unknown) => {
      throw KubeletError.from(error)
    })
  }
  return get()
}
