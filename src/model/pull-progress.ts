/** How far the pull of an image has come, of what Docker has told so far. */
export interface PullProgress {
  readonly layers: number
  /** Layers that are on the machine and unpacked. */
  readonly layersDone: number
  readonly downloadedBytes: number
  /** What there is to download; `undefined` while the size of a layer is not known. */
  readonly totalBytes: number | undefined
}

/** For people: `Pulling image "nginx": 3 of 7 layers, 41.2MB of 67.3MB`. */
export function pullProgressText(image: string, progress: PullProgress): string {
  const { layers, layersDone, downloadedBytes, totalBytes } = progress
  const downloaded = bytesText(downloadedBytes)
  const bytes = totalBytes === undefined ? `${downloaded} so far` : `${downloaded} of ${bytesText(totalBytes)}`
  return `Pulling image "${image}": ${layersDone} of ${layers} ${layers === 1 ? 'layer' : 'layers'}, ${bytes}`
}

/** As Docker's tools show sizes: decimal units, `2kB`, `41.2MB`, `1.3GB`. */
function bytesText(bytes: number): string {
  if (bytes < 1e6) return `${Math.round(bytes / 1e3)}kB`
  return bytes < 1e9 ? `${(bytes / 1e6).toFixed(1)}MB` : `${(bytes / 1e9).toFixed(1)}GB`
}
