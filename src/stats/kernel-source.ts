import { existsSync, readFileSync } from 'node:fs'
import type { ContainerId } from '../model/ids.ts'
import type { InterfaceUsage, ResourceUsage } from '../model/usage.ts'
import { isPodPlace, parentPlace, placeAt, type CgroupPlace } from './cgroups/cgroup-place.ts'
import type { CgroupReader } from './cgroups/cgroup-reader.ts'
import { ContainerPlaces } from './container-places.ts'
import { CpuRates } from './cpu-rates.ts'
import { openFiles } from './proc/open-files.ts'
import { bootTimeMs, parseMemInfo, parseNetDev } from './proc/parse-proc.ts'
import { RecentRows } from './recent-rows.ts'
import { isResourcesOnly, type Extent, type SystemReading, type UsageRow } from './reading.ts'
import type { RunningPod } from './running-pods.ts'
import { noDetails, restOfRow, sumOfRows } from './sum-rows.ts'
import type { DaemonUsage, SystemDaemons } from './system-daemons.ts'
import type { PodUsage, UsageSource } from './usage-source.ts'

export interface KernelSourceOptions {
  readonly reader: CgroupReader
  readonly daemons: SystemDaemons
  /** The cgroup of all Pods, `/kubepods`. */
  readonly podsCgroup: string
  readonly proc?: string
  /** Whether there is systemd to hold everything else in cgroups of its own (systemdutil.IsRunningSystemd). */
  readonly hasSystemd?: boolean
}

/** Figures from the kernel's own files, for an agent on Docker's host. It asks nobody. */
export class KernelSource implements UsageSource {
  readonly hasPressure: boolean
  readonly #options: KernelSourceOptions
  readonly #proc: string
  readonly #hasSystemd: boolean
  readonly #bootedAtMs: number
  readonly #places: ContainerPlaces
  readonly #rates = new CpuRates()
  readonly #recent = new RecentRows()

  constructor(options: KernelSourceOptions) {
    this.#options = options
    this.#proc = options.proc ?? '/proc'
    this.#hasSystemd = options.hasSystemd ?? existsSync('/run/systemd/system')
    this.#places = new ContainerPlaces(this.#proc)
    this.#bootedAtMs = bootTimeMs(this.#text('stat'))
    this.hasPressure = options.reader.hasPressure
  }

  node(extent: Extent): UsageRow | undefined {
    const row = this.#row(placeAt('/'), { extent, sinceMs: this.#bootedAtMs })
    if (row === undefined) return undefined
    // What bounds the machine is what it has.
    const { totalBytes, swapTotalBytes } = parseMemInfo(this.#text('meminfo'))
    const memory = { ...row.usage.memory, limit: totalBytes, swapLimit: swapTotalBytes }
    return { ...row, usage: { ...row.usage, memory } }
  }

  system(extent: Extent, podRows: readonly UsageRow[]): readonly SystemReading[] {
    const { daemons, podsCgroup } = this.#options
    const sinceMs = this.#bootedAtMs
    // Without cgroups of Pods there is none of all of them either.
    const pods = this.#row(placeAt(podsCgroup), { extent, sinceMs }) ?? sumOfRows('pods', podRows)
    const known = [
      ...this.#daemon('kubelet', daemons.agent(), extent),
      ...this.#daemon('runtime', daemons.docker(), extent),
      ...(pods === undefined ? [] : [{ name: 'pods', row: pods } as const]),
    ]
    if (this.#hasSystemd) return known
    // Nobody holds the rest in a cgroup of its own: it is what the others leave of the machine.
    const node = this.#row(placeAt('/'), { extent, sinceMs })
    const rest =
      node === undefined
        ? undefined
        : restOfRow(
            'misc',
            { whole: node, hasOwnFaults: this.#options.reader.hasOwnFaults },
            known.map(({ row }) => row),
          )
    return rest === undefined ? known : [...known, { name: 'misc', row: rest }]
  }

  interfaces(): readonly InterfaceUsage[] | undefined {
    const text = this.#text('1/net/dev')
    return text === '' ? undefined : parseNetDev(text)
  }

  async pod({ owner, sandbox, containers }: RunningPod, extent: Extent): Promise<PodUsage> {
    const running = sandbox === undefined ? containers : [sandbox, ...containers]
    const placed = running.flatMap((container) => {
      const place = this.#places.find(container)
      return place === undefined ? [] : [{ container, place }]
    })
    const pod = placed.map(({ place }) => parentPlace(place.cgroup)).find((place) => isPodPlace(place, owner.podUid))
    const rows = new Map<ContainerId, UsageRow>()
    const layers = new Map<ContainerId, string>()
    const ofAll: number[] = []
    for (const { container, place } of placed) {
      const processes = isResourcesOnly(extent) ? [] : this.#options.reader.processes(place.cgroup)
      ofAll.push(...processes)
      if (place.upperFolder !== undefined) layers.set(container.id, place.upperFolder)
      if (container === sandbox && pod !== undefined && extent !== 'metrics') continue
      const wanted = container === sandbox ? 'usage' : extent
      const row = this.#row(place.cgroup, { extent: wanted, sinceMs: container.startedAtMs })
      if (row === undefined) continue
      const files = wanted === 'metrics' ? openFiles(processes, container.pid, this.#proc) : undefined
      rows.set(container.id, { ...row, processes: processes.length, files })
    }
    const sinceMs = Math.min(...running.map(({ startedAtMs }) => startedAtMs))
    const network = sandbox === undefined || isResourcesOnly(extent) ? '' : this.#text(`${sandbox.pid}/net/dev`)
    return {
      rows,
      pod: pod === undefined ? undefined : this.#row(pod, { extent, sinceMs }),
      processes: ofAll.length,
      interfaces:
        network !== '' && placed.some(({ container }) => container === sandbox) ? parseNetDev(network) : undefined,
      layers,
    }
  }

  keep(pods: readonly RunningPod[]): void {
    const running = pods.flatMap(({ sandbox, containers }) => [
      ...containers,
      ...(sandbox === undefined ? [] : [sandbox]),
    ])
    this.#places.keep(new Set(running.map(({ id }) => id)))
    this.#rates.forget(Date.now())
    this.#recent.forget()
  }

  #daemon(name: 'kubelet' | 'runtime', daemon: DaemonUsage | undefined, extent: Extent): readonly SystemReading[] {
    if (daemon === undefined) return []
    const { usage, cgroup, startedAtMs } = daemon
    const details = cgroup === undefined ? noDetails : this.#options.reader.details(cgroup, extent)
    const row = this.#rowOf(cgroup?.path ?? name, usage, startedAtMs)
    // What the kubelet does not bound it does not say to be bounded.
    const memory = { ...usage.memory, limit: undefined }
    return [
      { name, row: { ...row, usage: { ...usage, memory }, details: isResourcesOnly(extent) ? undefined : details } },
    ]
  }

  #row(
    place: CgroupPlace,
    { extent, sinceMs }: { readonly extent: Extent; readonly sinceMs: number },
  ): UsageRow | undefined {
    const recent = this.#recent.find(place.path, extent)
    if (recent !== undefined) return recent
    const { reader } = this.#options
    const usage = reader.usage(place, extent)
    if (usage === undefined) return undefined
    const row = this.#rowOf(place.path, usage, sinceMs)
    return this.#recent.add(extent, isResourcesOnly(extent) ? row : { ...row, details: reader.details(place, extent) })
  }

  #rowOf(id: string, usage: ResourceUsage, sinceMs: number): UsageRow {
    const nanoCores = this.#rates.rate(id, { atMs: usage.atMs, totalNs: usage.cpu.totalNs }, sinceMs)
    return { id, usage, nanoCores, sinceMs, details: undefined, processes: 0, files: undefined }
  }

  #text(name: string): string {
    try {
      return readFileSync(`${this.#proc}/${name}`, 'utf8')
    } catch {
      return ''
    }
  }
}
