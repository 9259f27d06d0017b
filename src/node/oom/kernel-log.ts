import { constants, open, type FileHandle } from 'node:fs/promises'
import { hasCode } from '../../util/has-code.ts'

/** No record is longer; what is, the kernel refuses to give out. */
const longestRecord = 8192

/** The kernel's log, read record by record, without ever waiting for one. */
export class KernelLog implements AsyncDisposable {
  readonly #file: FileHandle
  readonly #buffer = Buffer.alloc(longestRecord)

  private constructor(file: FileHandle) {
    this.#file = file
  }

  /** Rejects with the system's error where it may not be read. The first record will be the oldest that the kernel has. */
  static async open(path: string): Promise<KernelLog> {
    // Without O_NONBLOCK a read takes one of Node's four threads for as long as the kernel has nothing to say.
    return new KernelLog(await open(path, constants.O_RDONLY | constants.O_NONBLOCK))
  }

  /** What was written since the last time, one text for each record. */
  async *read(): AsyncGenerator<string> {
    for (;;) {
      const bytes = await this.#next()
      if (bytes === 0) return
      if (bytes !== undefined) yield this.#buffer.toString('utf8', 0, bytes)
    }
  }

  /** 0 at the end, `undefined` where some were written over before they were read. */
  async #next(): Promise<number | undefined> {
    try {
      const { bytesRead } = await this.#file.read(this.#buffer, 0, longestRecord, null)
      return bytesRead
    } catch (error) {
      if (hasCode(error, 'EAGAIN')) return 0
      if (hasCode(error, 'EPIPE')) return undefined
      throw error
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#file.close()
  }
}
