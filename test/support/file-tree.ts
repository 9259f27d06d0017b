import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

/** A folder of files that stands for one of the kernel's, gone when it is disposed. */
export class FileTree implements Disposable {
  readonly path: string

  constructor() {
    this.path = mkdtempSync(join(tmpdir(), 'minikubelet-files-'))
  }

  /** Writes files by their names, each where `place` says: in the folder, by its name, unless it is given. */
  write(files: Readonly<Record<string, string>>, place: (name: string) => string = (name) => name): void {
    for (const [name, text] of Object.entries(files)) {
      const path = join(this.path, place(name))
      mkdirSync(dirname(path), { recursive: true })
      writeFileSync(path, text)
    }
  }

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true, force: true })
  }
}
