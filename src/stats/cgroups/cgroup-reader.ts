import { readFileSync } from 'node:fs'
import type { CgroupDetails, ResourceUsage } from '../../model/usage.ts'
import type { Extent } from '../reading.ts'
import { parseMemInfo } from '../proc/parse-proc.ts'
import { pathOf, type CgroupPlace } from './cgroup-place.ts'
import { parsePressure } from './parse-pressure.ts'
import { cpuOfV1, detailsOfV1, memoryOfV1, type ReadFile } from './parse-v1.ts'
import { cpuOfV2, detailsOfV2, memoryOfV2, type ReadUnified } from './parse-v2.ts'

/** The mounted cgroups of this host. */
export interface CgroupRoots {
  readonly version: '1' | '2'
  /** The root folder of each controller of version 1 by its name, and of version 2 as `unified`. */
  readonly roots: ReadonlyMap<string, string>
}

/**
 * Reads what cgroups have used. Everything here is done at once: these files are not on a disk, and one takes some ten
 * microseconds. A cgroup that goes meanwhile has used nothing: `undefined`.
 */
export class CgroupReader {
  readonly #roots: CgroupRoots
  readonly #proc: string
  /**
   * Files that this kernel does not have for any cgroup but its root: each that is missing costs
   * more than ten that are there.
   */
  readonly #never = new Set<string>()

  constructor(roots: CgroupRoots, proc = '/proc') {
    this.#roots = roots
    this.#proc = proc
  }

  /** Page faults are counted without those of the cgroups below. */
  get hasOwnFaults(): boolean {
    return this.#roots.version === '1'
  }

  /** Whether the kernel keeps pressures of cgroups (IsPsiEnabled in pkg/kubelet/cadvisor). */
  get hasPressure(): boolean {
    return this.#read({ path: '/', others: new Map() }, 'unified', 'cpu.pressure') !== undefined
  }

  /** CPU and memory of a cgroup and all below it, as far as `extent` needs them. */
  usage(place: CgroupPlace, extent: Extent): ResourceUsage | undefined {
    const { version } = this.#roots
    const isRoot = place.path === '/'
    const atMs = Date.now()
    const cpu = version === '1' ? cpuOfV1(this.#files(place, extent)) : cpuOfV2(this.#unified(place, extent))
    const memory =
      version === '1'
        ? memoryOfV1(this.#files(place, extent))
        : memoryOfV2(this.#unified(place, extent), isRoot ? this.#machineMemory() : undefined)
    if (cpu === undefined || memory === undefined) return undefined
    if (!isRoot) return { atMs, cpu, memory }
    // Of the machine as a whole the kernel tells elsewhere, too.
    const cpuPressure = cpu.pressure ?? this.#pressureOfAll('cpu')
    const memoryPressure = memory.pressure ?? this.#pressureOfAll('memory')
    return { atMs, cpu: { ...cpu, pressure: cpuPressure }, memory: { ...memory, pressure: memoryPressure } }
  }

  /** The rest of what a cgroup tells. */
  details(place: CgroupPlace, extent: Extent): CgroupDetails {
    const details =
      this.#roots.version === '1' ? detailsOfV1(this.#files(place, extent)) : detailsOfV2(this.#unified(place, extent))
    if (place.path !== '/') return details
    return { ...details, ioPressure: details.ioPressure ?? this.#pressureOfAll('io') }
  }

  /** The processes right in a cgroup. */
  processes(place: CgroupPlace): readonly number[] {
    const text = this.#read(place, this.#roots.version === '1' ? 'cpu' : 'unified', 'cgroup.procs')
    return (text ?? '').split('\n').filter(Boolean).map(Number)
  }

  #files(place: CgroupPlace, extent: Extent): ReadFile {
    return (controller, name) =>
      isNeeded(`${controller} ${name}`, extent) ? this.#read(place, controller, name) : undefined
  }

  #unified(place: CgroupPlace, extent: Extent): ReadUnified {
    const read = this.#files(place, extent)
    return (name) => read('unified', name)
  }

  #read(place: CgroupPlace, controller: string, name: string): string | undefined {
    const root = this.#roots.roots.get(controller)
    const key = `${controller} ${name}`
    const isRoot = place.path === '/'
    if (root === undefined || (!isRoot && this.#never.has(key))) return undefined
    const folder = `${root}${pathOf(place, controller)}`
    const text = readText(`${folder}/${name}`)
    if (text === undefined && !isRoot && this.#isThere(folder)) this.#never.add(key)
    return text
  }

  #isThere(folder: string): boolean {
    return readText(`${folder}/cgroup.procs`) !== undefined
  }

  #pressureOfAll(resource: string): ReturnType<typeof parsePressure> {
    return parsePressure(readText(`${this.#proc}/pressure/${resource}`))
  }

  #machineMemory(): { readonly usage: number; readonly swap: number } {
    const info = parseMemInfo(readText(`${this.#proc}/meminfo`) ?? '')
    return { usage: info.totalBytes - info.freeBytes, swap: info.swapTotalBytes - info.swapFreeBytes }
  }
}

/** What only the metrics of cAdvisor tell. */
const forMetrics: ReadonlySet<string> = new Set([
  'cpuacct cpuacct.stat',
  'cpu cpu.stat',
  'cpu cpu.shares',
  'cpu cpu.cfs_quota_us',
  'cpu cpu.cfs_period_us',
  'memory memory.max_usage_in_bytes',
  'memory memory.kmem.usage_in_bytes',
  'memory memory.failcnt',
  'memory memory.oom_control',
  'memory memory.soft_limit_in_bytes',
  'pids pids.current',
  'pids pids.max',
  'blkio blkio.throttle.io_service_bytes_recursive',
  'blkio blkio.throttle.io_serviced_recursive',
  'unified cpu.weight',
  'unified cpu.max',
  'unified memory.peak',
  'unified memory.events',
  'unified memory.min',
  'unified pids.current',
  'unified pids.max',
  'unified io.stat',
])

/** What `/metrics/resource` does not tell, beside that. */
const pressures: ReadonlySet<string> = new Set([
  'unified cpu.pressure',
  'unified memory.pressure',
  'unified io.pressure',
])

function isNeeded(file: string, extent: Extent): boolean {
  if (extent !== 'metrics' && forMetrics.has(file)) return false
  return extent !== 'usage' || !pressures.has(file)
}

/**
 * The trimmed text of a file; `undefined` where there is none, its cgroup goes just now, or the
 * kernel has nothing to say in it.
 */
function readText(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8').trimEnd()
  } catch {
    return undefined
  }
}
