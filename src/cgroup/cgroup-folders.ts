import { existsSync, mkdirSync, readFileSync, readdirSync, rmdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { CgroupFile, Controller } from '../translate/resources/cgroup-files.ts'
import { hasCode } from '../util/has-code.ts'
import type { Hierarchies } from './hierarchies.ts'

/**
 * Cgroups as the folders that they are, by their path below the root of each hierarchy. Everything here is done at once:
 * these folders are not on a disk, and a call takes some ten microseconds. Throws the system's errors.
 */
export class CgroupFolders {
  readonly hierarchies: Hierarchies

  constructor(hierarchies: Hierarchies) {
    this.hierarchies = hierarchies
  }

  /** True when the cgroup is there for memory, as it is whoever made it. */
  has(path: string): boolean {
    return existsSync(this.#folder('memory', path) ?? '')
  }

  /** True when it is left in any hierarchy. */
  remains(path: string): boolean {
    return this.hierarchies.all.some((root) => existsSync(join(root, path)))
  }

  /** Makes the cgroup, and those that it stands in, for every controller that is written to. Returns whether it is new. */
  make(path: string): boolean {
    const { version, folders } = this.hierarchies
    if (version === '2') return this.#makeInUnified(path)
    const made = [...folders.values()].map((root) => mkdirSync(join(root, path), { recursive: true }))
    return made.some((first) => first !== undefined)
  }

  write(path: string, files: readonly CgroupFile[]): void {
    for (const { controller, name, value, optional } of files) {
      const folder = this.#folder(controller, path)
      // A kernel without huge pages, say, has none to hand out.
      if (folder === undefined) continue
      try {
        writeFileSync(join(folder, name), value, { flag: 'w' })
      } catch (error) {
        if (optional !== true || !isMissing(error)) throw error
      }
    }
  }

  /** The trimmed text of a file; `undefined` where there is none. */
  read(path: string, controller: Controller, name: string): string | undefined {
    try {
      return readFileSync(join(this.#folder(controller, path) ?? '', name), 'utf8').trim()
    } catch (error) {
      if (isMissing(error)) return undefined
      throw error
    }
  }

  /** The names of the cgroups right below this one. */
  children(path: string): readonly string[] {
    return subfolders(this.#folder('cpu', path) ?? '')
  }

  /**
   * Removes a cgroup with everything below it from every hierarchy, as far as no process is in
   * it. Returns whether it is gone.
   */
  remove(path: string): boolean {
    return this.hierarchies.all.map((root) => removeTree(join(root, path))).every(Boolean)
  }

  /** Removes a cgroup from every hierarchy in which nothing is below it or in it. Returns whether it is gone. */
  removeEmpty(path: string): boolean {
    return this.hierarchies.all.map((root) => removeFolder(join(root, path))).every(Boolean)
  }

  /** The processes in a cgroup and below it, by their number. */
  processes(path: string): readonly number[] {
    return [...new Set(this.hierarchies.all.flatMap((root) => processesIn(join(root, path))))]
  }

  /** What a cgroup of version 2 may have the one above it has to hand on. */
  #makeInUnified(path: string): boolean {
    const root = this.#folder('memory', '') ?? ''
    const parts = path.split('/').filter((part) => part !== '')
    let isNew = false
    for (const index of parts.keys()) {
      const folder = join(root, ...parts.slice(0, index + 1))
      handOn(dirname(folder))
      if (mkdirSync(folder, { recursive: true }) !== undefined) isNew = true
    }
    return isNew
  }

  #folder(controller: Controller, path: string): string | undefined {
    const root = this.hierarchies.folders.get(controller)
    return root === undefined ? undefined : join(root, path)
  }
}

/** Lets the cgroups right below this one have what it has. One that cannot be had keeps none of the others back. */
function handOn(folder: string): void {
  const handedOn = new Set(wordsIn(join(folder, 'cgroup.subtree_control')))
  const missing = wordsIn(join(folder, 'cgroup.controllers')).filter((name) => !handedOn.has(name))
  const wanted = missing.map((name) => `+${name}`)
  for (const value of wanted.length === 0 ? [] : [wanted.join(' '), ...wanted]) {
    try {
      writeFileSync(join(folder, 'cgroup.subtree_control'), value)
      if (value === wanted.join(' ')) return
    } catch {
      // What then cannot be set says so when it is written.
    }
  }
}

function wordsIn(file: string): readonly string[] {
  return readLines(file).flatMap((line) => line.split(' '))
}

function removeTree(folder: string): boolean {
  // Mostly there is nothing below it: what a cgroup has for files need not be read for that.
  if (removeFolder(folder)) return true
  for (const child of subfolders(folder)) removeTree(join(folder, child))
  return removeFolder(folder)
}

function removeFolder(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return isMissing(error)
  }
}

function processesIn(folder: string): readonly number[] {
  const own = readLines(join(folder, 'cgroup.procs')).map(Number)
  return [...own, ...subfolders(folder).flatMap((child) => processesIn(join(folder, child)))]
}

function readLines(file: string): readonly string[] {
  try {
    return readFileSync(file, 'utf8').split('\n').filter(Boolean)
  } catch {
    return []
  }
}

function subfolders(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, { withFileTypes: true })
    return entries.filter((entry) => entry.isDirectory()).map(({ name }) => name)
  } catch {
    return []
  }
}

function isMissing(error: unknown): boolean {
  return hasCode(error, 'ENOENT')
}
