import { closeSync, open } from 'node:fs'
import { promisify } from 'node:util'

const openDescriptor = promisify(open)

/**
 * A folder that is kept open, to name what is in it. To close one that still has a name writes nothing and waits for
 * nobody, so that is done at once: a thread of Node's would be asked for in vain.
 */
export class OpenFolder implements Disposable {
  readonly fd: number

  private constructor(fd: number) {
    this.fd = fd
  }

  /** Throws Node's errors. `flags` as of open(2). */
  static async open(path: string | Buffer, flags: number): Promise<OpenFolder> {
    return new OpenFolder(await openDescriptor(path, flags))
  }

  [Symbol.dispose](): void {
    closeSync(this.fd)
  }
}
