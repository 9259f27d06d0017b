import { imageNameOnly } from '../../model/image-name.ts'
import { requiresVerification, type VerificationPolicy } from '../../model/verification-policy.ts'
import type { PullCredential } from '../keyring.ts'
import { credentialHash, type PulledRecord, type RecordedCredentials, type RecordedSecret } from './pulled-record.ts'

/** Who may use an image that is on the machine without pulling it. */
export type ImageAccess =
  | { readonly kind: 'anybody' }
  | { readonly kind: 'nobody' }
  /** Pods that have one of these secrets, or the same name and password in another. */
  | { readonly kind: 'secrets'; readonly secrets: readonly RecordedSecret[] }

export interface AccessFacts {
  readonly policy: VerificationPolicy
  /** As the Pod names it. */
  readonly image: string
  readonly record: PulledRecord | undefined
  /** A pull of it is under way, or an agent has died in the middle of one. */
  readonly isBeingPulled: boolean
}

/** The first half of MustAttemptImagePull in pkg/kubelet/images/pullmanager/image_pull_manager.go: what needs no secret. */
export function imageAccess({ policy, image, record, isBeingPulled }: AccessFacts): ImageAccess {
  if (!requiresVerification(policy, image, record !== undefined || isBeingPulled)) return { kind: 'anybody' }
  const recorded = record?.credentialMapping.get(imageNameOnly(image))
  if (recorded?.nodePodsAccessible === true) return { kind: 'anybody' }
  const secrets = recorded?.kubernetesSecrets ?? []
  return secrets.length === 0 ? { kind: 'nobody' } : { kind: 'secrets', secrets }
}

/** A record takes no more secrets than these only because they fit: namespaces come and go. */
const mostSecrets = 100

/**
 * The second half: the secret of a Pod by which it may use the image, by its content or by being the same, if changed
 * since; `undefined` if it has none.
 */
export function matchingSecret(
  recorded: readonly RecordedSecret[],
  ofPod: readonly RecordedSecret[],
): { readonly secret: RecordedSecret; readonly isNews: boolean } | undefined {
  const hasRoom = recorded.length < mostSecrets
  for (const secret of ofPod) {
    for (const known of recorded) {
      const isSameContent = known.credentialHash !== '' && known.credentialHash === secret.credentialHash
      const isSameSecret = isSame(known, secret)
      if (isSameContent) return { secret, isNews: !isSameSecret && hasRoom }
      if (isSameSecret && hasRoom) return { secret, isNews: true }
    }
  }
  return undefined
}

/** With what an image was pulled: without credentials, or the node's; a Pod's secret; nobody knows. */
export type UsedCredentials =
  | { readonly kind: 'node' }
  | { readonly kind: 'secret'; readonly secret: RecordedSecret }
  | { readonly kind: 'unknown' }

/** What a record says of a pull with a credential, or without any. */
export function usedCredentials(credential: PullCredential | undefined): UsedCredentials {
  const secret = credential && recordedSecret(credential)
  return secret === undefined ? { kind: 'node' } : { kind: 'secret', secret }
}

/** A Pod's secret as records know it; `undefined` for what is the node's own. */
export function recordedSecret(credential: PullCredential): RecordedSecret | undefined {
  return credential.secret && { ...credential.secret, credentialHash: credentialHash(credential) }
}

/** The record after a pull, or after a secret has turned out to be as good as one; `undefined` if it says so already. */
export function withCredentials(
  record: PulledRecord | undefined,
  {
    image,
    imageRef,
    used,
    nowMs,
  }: { readonly image: string; readonly imageRef: string; readonly used: UsedCredentials; readonly nowMs: number },
): PulledRecord | undefined {
  const name = imageNameOnly(image)
  const before = record?.credentialMapping.get(name)
  const after = merged(before, used)
  if (record !== undefined && after === before) return undefined
  const credentialMapping = new Map(record?.credentialMapping)
  if (after !== undefined) credentialMapping.set(name, after)
  // In whole seconds, as the API has times.
  const lastUpdatedTime = `${new Date(nowMs).toISOString().slice(0, 19)}Z`
  return { lastUpdatedTime, imageRef, credentialMapping }
}

const nothing: RecordedCredentials = { nodePodsAccessible: false, kubernetesSecrets: [], kubernetesServiceAccounts: [] }

function merged(before: RecordedCredentials | undefined, used: UsedCredentials): RecordedCredentials | undefined {
  if (before?.nodePodsAccessible === true) return before
  switch (used.kind) {
    case 'unknown':
      return before
    case 'node':
      return { ...nothing, nodePodsAccessible: true }
    case 'secret': {
      const { kubernetesSecrets: secrets, ...rest } = before ?? nothing
      const isKnown = secrets.some(
        (known) => isSame(known, used.secret) && known.credentialHash === used.secret.credentialHash,
      )
      if (isKnown) return before
      const others = secrets.filter((known) => !isSame(known, used.secret))
      return { ...rest, kubernetesSecrets: [...others, used.secret].toSorted(byCoordinates) }
    }
    default:
      return used satisfies never
  }
}

function isSame(one: RecordedSecret, other: RecordedSecret): boolean {
  return one.uid === other.uid && one.namespace === other.namespace && one.name === other.name
}

function byCoordinates(one: RecordedSecret, other: RecordedSecret): number {
  const [left, right] = [one, other].map(({ namespace, name, uid }) => [namespace, name, uid].join('\n'))
  return (left ?? '') < (right ?? '') ? -1 : 1
}
