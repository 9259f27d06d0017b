import { readFileSync } from 'node:fs'
import type { EngineInfo } from '../../engine/engine.ts'
import { localFileSystem } from '../disk/file-system.ts'
import type { NodeReading } from '../reading.ts'
import type { MountedDisk } from '../texts/container-row.ts'
import type { Devices } from '../texts/device-families.ts'
import type { Machine } from '../texts/machine.ts'
import { mountedDevices, parseDiskCounters } from './disk-counters.ts'
import { blockDevices, bootTimeMs, deviceOf, parseMemInfo, threadCount } from './parse-proc.ts'

/** What `/proc` and `/sys` say of the machine that this process is on. */
export class MachineFacts {
  readonly bootedAtMs: number
  readonly #daemon: EngineInfo
  readonly #proc: string

  constructor(daemon: EngineInfo, proc = '/proc') {
    this.#daemon = daemon
    this.#proc = proc
    this.bootedAtMs = bootTimeMs(this.#text('stat'))
  }

  /** How many threads there are, and may be (pkg/kubelet/stats/pidlimit). */
  threads(): NonNullable<NodeReading['threads']> {
    const limits = ['sys/kernel/pid_max', 'sys/kernel/threads-max'].flatMap((name) => {
      const value = Number.parseInt(this.#text(name), 10)
      return Number.isNaN(value) ? [] : [value]
    })
    return {
      atMs: Date.now(),
      max: limits.length === 0 ? undefined : Math.min(...limits),
      count: threadCount(this.#text('loadavg')),
    }
  }

  memoryBytes(): number {
    return parseMemInfo(this.#text('meminfo')).totalBytes
  }

  devices(): Devices {
    const layers = deviceOf(this.#text('self/mountinfo'), this.#daemon.rootDirectory)
    return { names: blockDevices(this.#text('diskstats')), layers }
  }

  /** The block devices that are mounted, each once: how full they are, and what was done with them. */
  async mountedDisks(): Promise<readonly MountedDisk[]> {
    const diskstats = this.#text('diskstats')
    const counters = parseDiskCounters(diskstats)
    const names = blockDevices(diskstats)
    const disks = await Promise.all(
      [...mountedDevices(this.#text('self/mountinfo'))].map(async ([numbers, place]) => {
        const device = names.get(numbers)
        const io = counters.get(numbers)
        const system = device === undefined ? undefined : await localFileSystem(place)
        if (device === undefined || io === undefined || system === undefined) return []
        const [major = 0, minor = 0] = numbers.split(':').map(Number)
        return [{ device, major, minor, system, io }]
      }),
    )
    return disks.flat()
  }

  /** Of the machine and its Docker (cadvisor/machine). */
  machine(): Machine {
    const { cpus, memoryBytes, kernelVersion, operatingSystem, version } = this.#daemon
    const cores = coresOf(this.#text('cpuinfo'))
    return {
      machineId: firstOf(['/etc/machine-id', '/var/lib/dbus/machine-id']),
      systemUuid: firstOf(['/sys/class/dmi/id/product_uuid', '/proc/device-tree/vm,uuid', '/etc/machine-id']),
      bootId: this.#text('sys/kernel/random/boot_id').trim(),
      cores: cpus,
      physicalCores: cores.physical === 0 ? cpus : cores.physical,
      sockets: Math.max(1, cores.sockets),
      memoryBytes,
      swapBytes: parseMemInfo(this.#text('meminfo')).swapTotalBytes,
      kernelVersion,
      osVersion: operatingSystem,
      dockerVersion: version,
    }
  }

  #text(name: string): string {
    return textOf(`${this.#proc}/${name}`)
  }
}

function coresOf(cpuInfo: string): { readonly physical: number; readonly sockets: number } {
  const sockets = new Set<string>()
  const cores = new Set<string>()
  for (const cpu of cpuInfo.split('\n\n')) {
    const socket = /^physical id\s*: (\d+)/mu.exec(cpu)?.[1]
    const core = /^core id\s*: (\d+)/mu.exec(cpu)?.[1]
    if (socket === undefined) continue
    sockets.add(socket)
    cores.add(`${socket}:${core ?? ''}`)
  }
  return { physical: cores.size, sockets: sockets.size }
}

function firstOf(paths: readonly string[]): string {
  return paths.map((path) => textOf(path).trim()).find((text) => text !== '') ?? ''
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
