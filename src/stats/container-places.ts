import { readFileSync } from 'node:fs'
import type { ContainerId } from '../model/ids.ts'
import { parsePlace, type CgroupPlace } from './cgroups/cgroup-place.ts'
import { upperFolder } from './proc/parse-proc.ts'

/** A container or sandbox that runs. */
export interface Running {
  readonly id: ContainerId
  /** Its first process. */
  readonly pid: number
}

/** What of a container stays as it is as long as it runs. */
export interface ContainerPlace {
  readonly cgroup: CgroupPlace
  /** The folder of its writable layer; `undefined` where that is none of overlayfs. May be relative to Docker's own. */
  readonly upperFolder: string | undefined
}

/**
 * Where the cgroups and layers of containers are, as the kernel says of their first process: whichever driver, parent and
 * storage Docker goes by, and whether or not their Pods have cgroups. Looked up once for each container.
 */
export class ContainerPlaces {
  readonly #proc: string
  readonly #known = new Map<ContainerId, ContainerPlace>()

  constructor(proc = '/proc') {
    this.#proc = proc
  }

  /** `undefined` when it has ended, or when this process does not see Docker's processes. */
  find({ id, pid }: Running): ContainerPlace | undefined {
    const known = this.#known.get(id)
    if (known !== undefined) return known
    const cgroup = parsePlace(this.#read(pid, 'cgroup'))
    // A number may have gone to another process meanwhile; Docker has its id in the name of each cgroup.
    if (cgroup === undefined || !cgroup.path.includes(id)) return undefined
    const place = { cgroup, upperFolder: upperFolder(this.#read(pid, 'mountinfo')) }
    this.#known.set(id, place)
    return place
  }

  /** Forgets all others, being gone. */
  keep(ids: ReadonlySet<ContainerId>): void {
    for (const id of this.#known.keys()) if (!ids.has(id)) this.#known.delete(id)
  }

  #read(pid: number, name: string): string {
    try {
      return readFileSync(`${this.#proc}/${pid}/${name}`, 'utf8')
    } catch {
      return ''
    }
  }
}
