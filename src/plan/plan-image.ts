import type { PodAction } from '../model/action.ts'
import type { ImageId } from '../model/ids.ts'
import type { ImageUser } from '../model/image-user.ts'
import { pullProgressText, type PullProgress } from '../model/pull-progress.ts'
import type { ImageFact, PodFacts, WaitingReason } from './pod-facts.ts'

/** How it stands with an image that a container cannot be made without. */
export type ImageStep =
  | { readonly kind: 'ready'; readonly id: ImageId }
  /** Find or pull it, for this reason; what it failed with last is still to be seen. */
  | { readonly kind: 'ensure'; readonly reason: string }
  /** It is being looked for or pulled for the first time. */
  | { readonly kind: 'pulling' }
  /** It could not be had. `look`: images have changed in Docker, and it may have come. */
  | {
      readonly kind: 'wait'
      readonly untilMs: number | undefined
      readonly waiting: WaitingReason
      readonly look: boolean
    }

/**
 * How long a failed pull shows as `ErrImagePull` before its wait shows as `ImagePullBackOff`: the kubelet's next sync. It
 * counts from when the status first said so, so that a node that is late does not pass over it.
 */
const pullErrorShownMs = 1000

/** The next step for an image. */
export function planImage(user: ImageUser, facts: Pick<PodFacts, 'images' | 'nowMs'>): ImageStep {
  const image = facts.images.get(user.key)
  if (image === undefined) return { kind: 'ensure', reason: 'a new instance is due' }
  switch (image.kind) {
    case 'ready':
      return image
    case 'pulling': {
      const { after, progress } = image
      if (after === undefined) return { kind: 'pulling' }
      const message = pullAgainText(user, after, progress)
      return { kind: 'wait', untilMs: undefined, waiting: { reason: after.reason, message }, look: false }
    }
    case 'failed':
      return imageFailed(user, image, facts.nowMs)
    default:
      return image satisfies never
  }
}

/** What is to be done of an image's step for a container, or for a volume of it. */
export function imageActions(
  step: Exclude<ImageStep, { kind: 'ready' }>,
  ensure: (reason: string) => PodAction,
  wait: (untilMs: number | undefined, waiting: WaitingReason) => PodAction,
): { readonly actions: readonly PodAction[]; readonly onItsWay: boolean } {
  switch (step.kind) {
    case 'ensure':
      return { actions: [ensure(step.reason)], onItsWay: true }
    case 'pulling':
      return { actions: [], onItsWay: true }
    case 'wait': {
      const looks = step.look ? [ensure('images have changed, it may have come')] : []
      return { actions: [...looks, wait(step.untilMs, step.waiting)], onItsWay: false }
    }
    default:
      return step satisfies never
  }
}

/** While a pull is tried again the status says what the last one failed with, and how far this one has come. */
function pullAgainText({ image }: ImageUser, { message }: WaitingReason, progress?: PullProgress): string {
  return progress === undefined ? message : `${pullProgressText(image, progress)}; the last try failed: ${message}`
}

function imageFailed(user: ImageUser, image: Extract<ImageFact, { kind: 'failed' }>, nowMs: number): ImageStep {
  if (nowMs >= image.retryAtMs) return { kind: 'ensure', reason: 'the last pull failed' }
  const { untilMs, ...waiting } = shownFailure(user, image, nowMs)
  // Whoever must pull in any case waits all the same.
  const lookAtMs = user.pullPolicy === 'Always' ? undefined : image.lookAtMs
  if (lookAtMs === undefined || lookAtMs > nowMs) {
    return { kind: 'wait', untilMs: Math.min(untilMs, lookAtMs ?? untilMs), waiting, look: false }
  }
  return { kind: 'wait', untilMs, waiting, look: true }
}

function shownFailure(
  { image }: ImageUser,
  { reason, message, retryAtMs, backOff, shownAtMs }: Extract<ImageFact, { kind: 'failed' }>,
  nowMs: number,
): WaitingReason & { readonly untilMs: number } {
  const errorUntilMs = backOff ? Math.min((shownAtMs ?? nowMs) + pullErrorShownMs, retryAtMs) : retryAtMs
  if (nowMs < errorUntilMs) return { untilMs: errorUntilMs, reason, message }
  return {
    untilMs: retryAtMs,
    reason: 'ImagePullBackOff',
    message: `Back-off pulling image "${image}": ${reason}: ${message}`,
  }
}
