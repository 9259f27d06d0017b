import { basename, dirname, join } from 'node:path'
import type { EngineInfo } from '../../src/engine/engine.ts'
import { CgroupReader } from '../../src/stats/cgroups/cgroup-reader.ts'
import { KernelSource } from '../../src/stats/kernel-source.ts'
import { SystemDaemons } from '../../src/stats/system-daemons.ts'
import { filesOfV1, filesOfV2 } from '../builders/cgroup-files.ts'
import { FileTree } from './file-tree.ts'

const controllers = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', 'unified']

/** A host whose kernel's files are a test's: `/proc`, and cgroups of either version. */
export class HostInFiles implements Disposable {
  readonly tree = new FileTree()
  readonly #version: EngineInfo['cgroupVersion']

  constructor(version: EngineInfo['cgroupVersion']) {
    this.#version = version
    this.tree.write({
      'proc/stat': 'btime 1795801862\n',
      'proc/meminfo': 'MemTotal: 1000 kB\nMemFree: 400 kB\nSwapTotal: 0 kB\nSwapFree: 0 kB\n',
      'proc/loadavg': '0.20 0.18 0.12 1/80 11206\n',
      'proc/sys/kernel/pid_max': '32768\n',
      'proc/sys/kernel/threads-max': '4000\n',
      'proc/1/net/dev': 'eth0: 1000 1 0 0 0 0 0 0 2000 2 0 0 0 0 0 0\n',
    })
    this.cgroup('/')
  }

  get proc(): string {
    return join(this.tree.path, 'proc')
  }

  /** Makes a cgroup, as one that runs half a CPU and 100 MiB. */
  cgroup(path: string): void {
    const files = this.#version === '1' ? filesOfV1 : filesOfV2
    this.tree.write(files, (name) =>
      this.#version === '1' ? join(dirname(name), path, basename(name)) : join('unified', path, name),
    )
  }

  /** A process in a cgroup, which has the upper folder of an overlay for its root. */
  process(pid: number, cgroup: string, upper = '/layers/diff'): void {
    const said = this.#version === '1' ? `2:memory:${cgroup}\n1:cpu:${cgroup}\n0::${cgroup}\n` : `0::${cgroup}\n`
    this.tree.write({
      [`proc/${pid}/cgroup`]: said,
      [`proc/${pid}/mountinfo`]: `84 53 0:43 / / rw - overlay overlay rw,lowerdir=/l,upperdir=${upper},workdir=/w\n`,
      [`proc/${pid}/net/dev`]: 'lo: 1 1 0 0 0 0 0 0 1 1 0 0 0 0 0 0\neth0: 996 8 0 0 0 0 0 0 280 4 0 0 0 0 0 0\n',
      [`proc/${pid}/limits`]: 'Max open files            1024                 524288               files\n',
      [`proc/${pid}/fd/0`]: '',
    })
  }

  reader(): CgroupReader {
    const roots = new Map(controllers.map((name) => [name, join(this.tree.path, name)]))
    return new CgroupReader({ version: this.#version, roots }, this.proc)
  }

  source(podsCgroup: string): KernelSource {
    const reader = this.reader()
    const daemons = new SystemDaemons(reader, '/run/docker.sock', this.proc)
    return new KernelSource({ reader, daemons, podsCgroup, proc: this.proc, hasSystemd: true })
  }

  [Symbol.dispose](): void {
    this.tree[Symbol.dispose]()
  }
}
