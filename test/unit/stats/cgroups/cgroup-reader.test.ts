import assert from 'node:assert/strict'
import { basename, dirname, join } from 'node:path'
import { describe, it } from 'node:test'
import { placeAt, parsePlace } from '../../../../src/stats/cgroups/cgroup-place.ts'
import { CgroupReader } from '../../../../src/stats/cgroups/cgroup-reader.ts'
import { filesOfV1, filesOfV2 } from '../../../builders/cgroup-files.ts'
import { FileTree } from '../../../support/file-tree.ts'

const controllers = ['cpu', 'cpuacct', 'memory', 'pids', 'blkio', 'unified']
const pod = '/kubepods/burstable/pod1/abc'
const slice = '/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1.slice/docker-abc.scope'

function readerOfV1(tree: FileTree): CgroupReader {
  tree.write(filesOfV1, (name) => join(dirname(name), pod, basename(name)))
  const roots = new Map(controllers.map((name) => [name, join(tree.path, name)]))
  return new CgroupReader({ version: '1', roots }, join(tree.path, 'proc'))
}

function readerOfV2(tree: FileTree): CgroupReader {
  tree.write(filesOfV2, (name) => join('unified', slice, name))
  return new CgroupReader(
    { version: '2', roots: new Map([['unified', join(tree.path, 'unified')]]) },
    join(tree.path, 'proc'),
  )
}

/** What both versions say of the same container. */
const memory = {
  usage: 3_858_432,
  maxUsage: 5_013_504,
  workingSet: 712_704,
  rss: 53_248,
  cache: 3_145_728,
  mappedFile: 8192,
  kernel: 368_640,
  swap: 4096,
  activeFile: 12_288,
  inactiveFile: 3_145_728,
  pageFaults: 1385,
  majorPageFaults: 3,
  limitHits: 5,
  oomKills: 1,
  limit: 104_857_600,
  reservation: 0,
}
const cpuPressure = {
  some: { totalNs: 181_529_000, avg10: 1.44, avg60: 0.26, avg300: 0.05 },
  full: { totalNs: 181_165_000, avg10: 1.4, avg60: 0.25, avg300: 0.04 },
}

describe('The use of a cgroup of version 1', () => {
  it('is read from the files of each controller, and pressures from version 2 where that is mounted beside', () => {
    using tree = new FileTree()
    const usage = readerOfV1(tree).usage(placeAt(pod), 'metrics')
    assert.partialDeepStrictEqual(usage, {
      cpu: {
        totalNs: 130_340_257,
        userNs: 120_000_000,
        systemNs: 10_000_000,
        periods: 6,
        throttledPeriods: 2,
        throttledNs: 51_000_000,
        pressure: cpuPressure,
      },
      memory: { ...memory, swapLimit: 209_715_200 },
    })
  })

  it('has its bounds, its devices and its threads as details', () => {
    using tree = new FileTree()
    const reader = readerOfV1(tree)
    assert.partialDeepStrictEqual(reader.details(placeAt(pod), 'metrics'), {
      bounds: { shares: 1024, periodUs: 100_000, quotaUs: 50_000 },
      devices: [
        { major: 254, minor: 0, bytes: { Read: 4096, Write: 8192, Total: 12_288 }, operations: { Read: 1, Write: 2 } },
      ],
      ioPressure: { some: { totalNs: 7000 }, full: { totalNs: 5000 } },
      threads: 2,
      maxThreads: 0,
    })
    assert.deepEqual(reader.processes(placeAt(pod)), [4711, 4712])
  })

  it('is looked for where each hierarchy has it', () => {
    using tree = new FileTree()
    const reader = readerOfV1(tree)
    tree.write({ 'memory.usage_in_bytes': '5000\n', 'memory.stat': 'total_rss 1000\n' }, (name) =>
      join('memory/elsewhere', name),
    )
    const place = parsePlace(`4:memory:/elsewhere\n2:cpuacct:${pod}\n1:cpu:${pod}\n0::/\n`)
    assert.ok(place !== undefined)
    assert.partialDeepStrictEqual(reader.usage(place, 'metrics'), {
      cpu: { totalNs: 130_340_257 },
      memory: { usage: 5000, rss: 1000 },
    })
  })
})

describe('The use of a cgroup of version 2', () => {
  it('is the same, from its one folder', () => {
    using tree = new FileTree()
    const usage = readerOfV2(tree).usage(placeAt(slice), 'metrics')
    assert.partialDeepStrictEqual(usage, {
      cpu: {
        totalNs: 130_340_000,
        userNs: 120_000_000,
        systemNs: 10_340_000,
        throttledNs: 51_000_000,
        burstPeriods: 1,
        burstNs: 20_000,
        pressure: cpuPressure,
      },
      memory: { ...memory, swapLimit: 104_857_600 },
    })
  })

  it('has its bounds, its devices and its threads as details', () => {
    using tree = new FileTree()
    const details = readerOfV2(tree).details(placeAt(slice), 'metrics')
    assert.partialDeepStrictEqual(details, {
      bounds: { shares: 998, periodUs: 100_000, quotaUs: 50_000 },
      devices: [
        { major: 254, minor: 0, bytes: { Read: 4096, Write: 8192, Discard: 0 }, operations: { Read: 1, Write: 2 } },
        { major: 8, minor: 16, bytes: { Read: 512, Write: 0 }, operations: { Read: 1 } },
      ],
      threads: 2,
      maxThreads: 512,
    })
  })

  it('says of the root what the machine says: the root has no files for it', () => {
    using tree = new FileTree()
    const reader = readerOfV2(tree)
    tree.write({
      'unified/cpu.stat': 'usage_usec 5\n',
      'unified/memory.stat': 'anon 1024\ninactive_file 1024\n',
      'proc/meminfo': 'MemTotal: 10 kB\nMemFree: 4 kB\nSwapTotal: 8 kB\nSwapFree: 7 kB\n',
      'proc/pressure/cpu': 'some avg10=2.00 avg60=0.00 avg300=0.00 total=3\n',
    })
    assert.partialDeepStrictEqual(reader.usage(placeAt('/'), 'metrics'), {
      cpu: { totalNs: 5000, pressure: { some: { avg10: 2, totalNs: 3000 }, full: { avg10: 0 } } },
      memory: { usage: 6144, workingSet: 5120, swap: 1024 },
    })
  })
})

describe('A cgroup', () => {
  it('that is gone has used nothing', () => {
    using tree = new FileTree()
    assert.equal(readerOfV1(tree).usage(placeAt('/kubepods/gone'), 'metrics'), undefined)
    assert.equal(readerOfV2(tree).usage(placeAt('/kubepods.slice/gone'), 'metrics'), undefined)
  })

  it('of a kernel that lacks some of the files tells the rest', () => {
    using tree = new FileTree()
    const { 'memory.swap.current': _, 'memory.peak': __, 'cpu.pressure': ___, ...fewer } = filesOfV2
    tree.write(fewer, (name) => join('unified/old', name))
    const reader = new CgroupReader(
      { version: '2', roots: new Map([['unified', join(tree.path, 'unified')]]) },
      tree.path,
    )
    for (let look = 0; look < 2; look += 1) {
      const usage = reader.usage(placeAt('/old'), 'metrics')
      assert.deepEqual(
        [usage?.memory.swap, usage?.memory.maxUsage, usage?.cpu.pressure, usage?.memory.usage],
        [0, 0, undefined, 3_858_432],
      )
    }
  })

  it('without limits has none, whichever way the kernel writes that', () => {
    using tree = new FileTree()
    tree.write({ ...filesOfV2, 'memory.max': 'max\n', 'memory.swap.max': 'max\n', 'cpu.max': 'max 100000\n' }, (name) =>
      join('unified/free', name),
    )
    const reader = new CgroupReader(
      { version: '2', roots: new Map([['unified', join(tree.path, 'unified')]]) },
      tree.path,
    )
    const usage = reader.usage(placeAt('/free'), 'metrics')
    assert.deepEqual([usage?.memory.limit, usage?.memory.swapLimit], [undefined, undefined])
    assert.equal(reader.details(placeAt('/free'), 'metrics').bounds.quotaUs, undefined)
  })

  it('is read no further than somebody wants to know', () => {
    using tree = new FileTree()
    using other = new FileTree()
    for (const [reader, path] of [
      [readerOfV1(tree), pod],
      [readerOfV2(other), slice],
    ] as const) {
      const read = (['usage', 'resources', 'metrics'] as const).map((extent) => reader.usage(placeAt(path), extent))
      assert.deepEqual(
        read.map((usage) => [usage?.memory.workingSet, usage?.cpu.pressure !== undefined, usage?.memory.maxUsage]),
        [
          [712_704, false, 0],
          [712_704, true, 0],
          [712_704, true, 5_013_504],
        ],
      )
      const details = reader.details(placeAt(path), 'summary')
      assert.deepEqual([details.ioPressure !== undefined, details.threads, details.devices], [true, 0, []])
    }
  })
})
