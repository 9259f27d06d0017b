import type { PullProgress } from '../model/pull-progress.ts'
import { numberAt, objectAt, textAt, type JsonObject } from './docker-json.ts'

interface Layer {
  readonly isDone: boolean
  readonly downloadedBytes: number
  /** `undefined` until Docker has told. */
  readonly totalBytes: number | undefined
}

/** Reads the stream of a pull, an object a line: what it says of the layers, and whether it says anything new. */
export class PullReader {
  readonly #layers = new Map<string, Layer>()
  /** The last line about each layer and about the whole: Docker may say the same again. */
  readonly #lines = new Map<string, string>()
  #latest = 'No progress'

  /** The newest line as Docker's own tools show it: `a1b2: Downloading [==>   ] 1MB/4MB`. */
  get latest(): string {
    return this.#latest
  }

  /** `undefined` before there are any layers. */
  get progress(): PullProgress | undefined {
    const layers = [...this.#layers.values()]
    if (layers.length === 0) return undefined
    const sizes = layers.map(({ totalBytes }) => totalBytes)
    return {
      layers: layers.length,
      layersDone: layers.filter(({ isDone }) => isDone).length,
      downloadedBytes: sum(layers.map(({ downloadedBytes }) => downloadedBytes)),
      totalBytes: sizes.includes(undefined) ? undefined : sum(sizes.map((size) => size ?? 0)),
    }
  }

  /** Takes the next object; false if it has been said before. */
  take(object: JsonObject): boolean {
    const [id, status] = [textAt(object, 'id'), textAt(object, 'status')]
    const line = lineOf(object, id, status)
    const isNew = line !== (this.#lines.get(id) ?? '')
    this.#lines.set(id, line)
    if (line !== '') this.#latest = line
    if (id !== '') this.#takeLayer(id, status, objectAt(object, 'progressDetail'))
    return isNew
  }

  #takeLayer(id: string, status: string, detail: JsonObject): void {
    const { downloadedBytes, totalBytes } = this.#layers.get(id) ?? { downloadedBytes: 0, totalBytes: undefined }
    const [current, told] = [numberAt(detail, 'current'), numberAt(detail, 'total')]
    const total = told > 0 ? told : totalBytes
    switch (status) {
      case 'Pulling fs layer':
      case 'Waiting':
        this.#layers.set(id, { isDone: false, downloadedBytes, totalBytes })
        return
      case 'Downloading':
        this.#layers.set(id, { isDone: false, downloadedBytes: current, totalBytes: total })
        return
      case 'Verifying Checksum':
      case 'Download complete':
      case 'Extracting':
        this.#layers.set(id, { isDone: false, ...whole(downloadedBytes, totalBytes) })
        return
      case 'Pull complete':
        this.#layers.set(id, { isDone: true, ...whole(downloadedBytes, totalBytes) })
        return
      case 'Already exists':
        this.#layers.set(id, { isDone: true, downloadedBytes: 0, totalBytes: 0 })
        return
      default:
        // "Pulling from …" names the tag, "Retrying in 5 seconds" changes nothing of what is there.
        return
    }
  }
}

/** A layer that has come: one of whose size Docker has said nothing was too small to speak of. */
function whole(downloadedBytes: number, totalBytes: number | undefined): Omit<Layer, 'isDone'> {
  const bytes = totalBytes ?? downloadedBytes
  return { downloadedBytes: bytes, totalBytes: bytes }
}

function lineOf(object: JsonObject, id: string, status: string): string {
  const parts = [status || textAt(object, 'stream').trim(), textAt(object, 'progress')].filter(Boolean)
  return (id === '' ? '' : `${id}: `) + parts.join(' ')
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, one) => total + one, 0)
}
