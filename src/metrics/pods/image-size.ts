const mebibyte = 1024 * 1024

/** The lower ends of the classes of images by size, in bytes, and what they are called (pkg/kubelet/metrics/metrics.go). */
const classes: readonly (readonly [fromBytes: number, label: string])[] = [
  [0, '0-10MB'],
  [10 * mebibyte, '10MB-100MB'],
  [100 * mebibyte, '100MB-500MB'],
  [500 * mebibyte, '500MB-1GB'],
  [1024 * mebibyte, '1GB-5GB'],
  [5 * 1024 * mebibyte, '5GB-10GB'],
  [10 * 1024 * mebibyte, '10GB-20GB'],
  [20 * 1024 * mebibyte, '20GB-30GB'],
  [30 * 1024 * mebibyte, '30GB-40GB'],
  [40 * 1024 * mebibyte, '40GB-60GB'],
  [60 * 1024 * mebibyte, '60GB-100GB'],
  [100 * 1024 * mebibyte, 'GT100GB'],
]

/** The class that an image of this many bytes is in. */
export function imageSizeClass(bytes: number): string {
  return classes.findLast(([fromBytes]) => bytes >= fromBytes)?.[1] ?? 'N/A'
}
