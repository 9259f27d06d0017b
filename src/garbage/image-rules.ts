/** Which images go when, and what is said of it (pkg/kubelet/images/image_gc_manager.go). Times are epoch milliseconds. */
import type { ImageId } from '../model/ids.ts'
import { goDuration } from '../util/go-duration.ts'

export interface ImagePolicy {
  /** Of the file system with the images, in percent: from this usage on images go, until it is at the other. */
  readonly highPercent: number
  readonly lowPercent: number
  /** Since it was first seen; younger images may be about to be used. */
  readonly minAgeMs: number
  /** Since its last use; older images go whatever room there is. 0 for never. */
  readonly maxAgeMs: number
}

/** An image that nobody uses now. */
export interface UnusedImage {
  readonly id: ImageId
  readonly sizeBytes: number
  readonly detectedAtMs: number
  /** 0 for one that was never seen in use. */
  readonly lastUsedAtMs: number
}

/** Nothing is ever to be removed, so nobody needs to look. */
export function isOff({ highPercent, maxAgeMs }: ImagePolicy): boolean {
  return highPercent === 100 && maxAgeMs === 0
}

/** Those that have not been used for the longest time first; of equal ones those that came first. */
export function inRemovalOrder<Image extends UnusedImage>(images: readonly Image[]): readonly Image[] {
  return images.toSorted((a, b) => a.lastUsedAtMs - b.lastUsedAtMs || a.detectedAtMs - b.detectedAtMs)
}

/**
 * Whether an image goes for its age alone. Not before the agent has run for as long: it does not know what was used before
 * it came.
 */
export function isTooOld(
  { lastUsedAtMs }: UnusedImage,
  { maxAgeMs }: ImagePolicy,
  { nowMs, startedAtMs }: { readonly nowMs: number; readonly startedAtMs: number },
): boolean {
  return maxAgeMs > 0 && nowMs - startedAtMs > maxAgeMs && nowMs - lastUsedAtMs > maxAgeMs
}

export function isTooYoung({ detectedAtMs }: UnusedImage, { minAgeMs }: ImagePolicy, nowMs: number): boolean {
  return nowMs - detectedAtMs < minAgeMs
}

export interface FileSystemRoom {
  readonly capacity: number
  readonly available: number
}

export type ImageRoom =
  | { readonly kind: 'enough' }
  /** So many bytes are to be freed. */
  | { readonly kind: 'short'; readonly usedPercent: number; readonly bytes: number }
  /** It says that it has no room at all. */
  | { readonly kind: 'unmeasured' }

export function imageRoom(fileSystem: FileSystemRoom, { highPercent, lowPercent }: ImagePolicy): ImageRoom {
  const { capacity } = fileSystem
  const available = Math.min(fileSystem.available, capacity)
  if (capacity === 0) return { kind: 'unmeasured' }
  const usedPercent = 100 - Math.floor((available * 100) / capacity)
  if (usedPercent < highPercent) return { kind: 'enough' }
  return { kind: 'short', usedPercent, bytes: Math.floor((capacity * (100 - lowPercent)) / 100) - available }
}

/** Message of `InvalidDiskCapacity`. */
export const invalidCapacity = 'invalid capacity 0 on image filesystem'

/** Message of `FreeDiskSpaceFailed`: all went that could go, and it was not enough. */
export function notEnoughFreed(usedPercent: number, capacity: number, freedBytes: number): string {
  return (
    `Insufficient free disk space on the node's image filesystem (${usedPercent}% of ${sizeText(capacity)} used). ` +
    `Failed to free sufficient space by deleting unused images (freed ${freedBytes} bytes). ` +
    'Investigate disk usage, as it could be used by active images, logs, volumes, or other data.'
  )
}

/**
 * Docker did not let go of some. `wantedBytes` is `undefined` for all there are, which for the
 * kubelet is the largest number.
 */
export function removalsFailed(
  wantedBytes: number | undefined,
  freedBytes: number,
  messages: readonly string[],
): string {
  const wanted = wantedBytes ?? '9223372036854775807'
  return `wanted to free ${wanted} bytes, but freed ${freedBytes} bytes space with errors in image deletion: ${aggregate(messages)}`
}

export function oldRemovalsFailed({ maxAgeMs }: ImagePolicy, messages: readonly string[]): string {
  const age = goDuration(maxAgeMs)
  return `wanted to free images older than ${age}, encountered errors in image deletion: ${aggregate(messages)}`
}

/** As Go prints several errors: each once. */
function aggregate(messages: readonly string[]): string {
  const different = [...new Set(messages)]
  return different.length === 1 ? (different[0] ?? '') : `[${different.join(', ')}]`
}

function sizeText(bytes: number): string {
  const units = ['KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  return power === 0 ? `${bytes} B` : `${(bytes / 1024 ** power).toFixed(1)} ${units[power - 1] ?? ''}`
}
