import { existsSync, readFileSync } from 'node:fs'
import type { ContainerId } from '../model/ids.ts'
import type { InterfaceUsage, ResourceUsage } from '../model/usage.ts'
import { isPodPlace, parentPlace, placeAt, type CgroupPlace } from './cgroups/cgroup-place.ts'
import type { CgroupReader } from './cgroups/cgroup-reader.ts'
import { ContainerPlaces, type ContainerPlace } from './container-places.ts'
import { CpuRates } from './cpu-rates.ts'
import { openFiles } from './proc/open-files.ts'
import { bootTimeMs, parseMemInfo, parseNetDev } from './proc/parse-proc.ts'
import type { Extent, SystemReading, UsageRow } from './reading.ts'
import type { RunningContainer, RunningPod } from './running-pods.ts'
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
            node,
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
    const rows = new Map<ContainerId, UsageRow>()
    const layers = new Map<ContainerId, string>()
    let pod: CgroupPlace | undefined
    for (const container of running) {
      const place = this.#places.find(container)
      const row = place === undefined ? undefined : this.#containerRow(container, place, extent)
      if (place === undefined || row === undefined) continue
      rows.set(container.id, row)
      if (place.upperFolder !== undefined) layers.set(container.id, place.upperFolder)
      const parent = parentPlace(place.cgroup)
      if (isPodPlace(parent, owner.podUid)) pod = parent
    }
    const sinceMs = Math.min(...running.map(({ startedAtMs }) => startedAtMs))
    const isSeen = sandbox !== undefined && rows.has(sandbox.id) && extent !== 'resources'
    return {
      rows,
      pod: pod === undefined ? undefined : this.#row(pod, { extent, sinceMs }),
      interfaces: isSeen ? parseNetDev(this.#text(`${sandbox.pid}/net/dev`)) : undefined,
      layers,
    }
  }

  keep(pods: readonly RunningPod[], ids: ReadonlySet<string>): void {
    const running = pods.flatMap(({ sandbox, containers }) => [
      ...containers,
      ...(sandbox === undefined ? [] : [sandbox]),
    ])
    this.#places.keep(new Set(running.map(({ id }) => id)))
    this.#rates.keep(ids)
  }

  #containerRow(container: RunningContainer, { cgroup }: ContainerPlace, extent: Extent): UsageRow | undefined {
    const row = this.#row(cgroup, { extent, sinceMs: container.startedAtMs })
    if (row === undefined || extent === 'resources') return row
    const processes = this.#options.reader.processes(cgroup)
    const files = extent === 'metrics' ? openFiles(processes, container.pid, this.#proc) : undefined
    return { ...row, processes: processes.length, files }
  }

  #daemon(name: 'kubelet' | 'runtime', daemon: DaemonUsage | undefined, extent: Extent): readonly SystemReading[] {
    if (daemon === undefined) return []
    const { usage, cgroup, startedAtMs } = daemon
    const details = cgroup === undefined ? noDetails : this.#options.reader.details(cgroup)
    const row = this.#rowOf(cgroup?.path ?? name, usage, startedAtMs)
    // What the kubelet does not bound it does not say to be bounded.
    const memory = { ...usage.memory, limit: undefined }
    return [
      { name, row: { ...row, usage: { ...usage, memory }, details: extent === 'resources' ? undefined : details } },
    ]
  }

  #row(
    place: CgroupPlace,
    { extent, sinceMs }: { readonly extent: Extent; readonly sinceMs: number },
  ): UsageRow | undefined {
    const { reader } = this.#options
    const usage = reader.usage(place)
    if (usage === undefined) return undefined
    const row = this.#rowOf(place.path, usage, sinceMs)
    return extent === 'resources' ? row : { ...row, details: reader.details(place) }
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
