/** What the upstream test of the Summary API expects (test/e2e_node/summary_test.go of Kubernetes 1.36), with its bounds. */
import { existsSync } from 'node:fs'
import { named, such, type Shape } from './shape.ts'

type Members = Readonly<Record<string, Shape>>

const kb = 1000
const mb = 1000 * kb
const gb = 1000 * mb
const tb = 1000 * gb

const fresh = recent(60)
const started = recent(365 * 86_400)
const disk: Shape = [100 * mb, 10 * tb]
const inodes: Shape = [1e4, 1e8]
const share: Shape = [0, 100]
const psiData: Members = { total: [0, Number.MAX_SAFE_INTEGER], avg10: share, avg60: share, avg300: share }
const psi: Members = { full: psiData, some: psiData }
const io: Members = { time: fresh, psi }

/** A time within so many seconds before now, or a little after. */
function recent(seconds: number): Shape {
  return such((value) => {
    const ageMs = typeof value === 'string' ? Date.now() - Date.parse(value) : Number.NaN
    return ageMs <= seconds * 1000 && ageMs > -180_000
  })
}

function cpu(nanoCores: Shape, time: Shape): Members {
  return { time: fresh, usageNanoCores: nanoCores, usageCoreNanoSeconds: time, psi }
}

function memory(used: Shape, rss: Shape, faults: Shape): Members {
  return {
    time: fresh,
    usageBytes: used,
    workingSetBytes: used,
    rssBytes: rss,
    pageFaults: faults,
    majorPageFaults: [0, 1e9],
    psi,
  }
}

function files(used: Shape): Members {
  const space = { availableBytes: disk, capacityBytes: disk, inodesFree: inodes, inodes }
  return { time: fresh, ...space, usedBytes: used, inodesUsed: [0, 1e8] }
}

function swap(most: number): Members {
  const bytes = such((value) => typeof value === 'number' && (value <= most || value >= 2 ** 62))
  return { time: fresh, 'swapUsageBytes?': bytes, 'swapAvailableBytes?': bytes }
}

/** One of the two Pods of that test, with one container and one volume, on a node with so much memory. */
export function podShape(memoryBytes: number, container: string, volume: string): Shape {
  const use = cpu([10_000, 1e9], [1e7, 1e11])
  const taken: Shape = [10 * kb, 80 * mb]
  const availableBytes: Shape = [kb, 80 * mb]
  return {
    podRef: such(Boolean),
    startTime: started,
    containers: named({
      [container]: {
        startTime: started,
        cpu: use,
        memory: { ...memory(taken, [kb, 80 * mb], [100, 1e9]), availableBytes },
        io,
        swap: swap(memoryBytes),
        rootfs: files([kb, 10 * mb]),
        logs: files([kb, 10 * mb]),
      },
    }),
    network: {
      time: fresh,
      name: such((name) => name === 'eth0'),
      rxBytes: [10, 10 * mb],
      rxErrors: [0, 1000],
      txBytes: [10, 10 * mb],
      txErrors: [0, 1000],
      interfaces: such(Array.isArray),
    },
    cpu: use,
    memory: { ...memory(taken, [kb, 80 * mb], [0, 1e9]), availableBytes },
    io,
    swap: swap(memoryBytes),
    volume: named({ [volume]: files([kb, mb]) }),
    'ephemeral-storage': files([kb, 21 * mb]),
    process_stats: { process_count: [1, 1e8] },
  }
}

/** The node of that test, with so much memory. */
export function nodeShape(memoryBytes: number, nodeName: string): Shape {
  const nanoCores = such((value) => value === 0 || (typeof value === 'number' && value >= 10_000 && value <= 2e9))
  const any: Shape = [mb, memoryBytes]
  const daemon: Members = {
    startTime: started,
    cpu: cpu(nanoCores, [1e7, 1e15]),
    memory: memory(any, any, [1000, 1e9]),
    io,
    swap: swap(memoryBytes),
  }
  const taken: Shape = [10 * kb, memoryBytes]
  const pods: Members = {
    ...daemon,
    memory: { ...memory(taken, [kb, memoryBytes], [0, 1e9]), availableBytes: [kb, memoryBytes] },
  }
  const all: Shape = [10 * mb, memoryBytes]
  return {
    nodeName: such((name) => name === nodeName),
    startTime: started,
    // The kubelet has the last of them only where the host is not run by systemd.
    systemContainers: named({
      kubelet: daemon,
      runtime: daemon,
      pods,
      ...(existsSync('/run/systemd/system') ? {} : { misc: daemon }),
    }),
    cpu: cpu([100_000, 2e9], [1e9, 1e15]),
    memory: { ...memory(all, [kb, memoryBytes], [1000, 1e9]), availableBytes: [100 * mb, memoryBytes] },
    io,
    swap: swap(memoryBytes),
    network: {
      time: fresh,
      name: such((name) => name === '' || name === 'eth0'),
      'rxBytes?': [mb, 100 * gb],
      'rxErrors?': [0, 1e5],
      'txBytes?': [10 * kb, 10 * gb],
      'txErrors?': [0, 1e5],
      interfaces: such(Array.isArray),
    },
    fs: files([kb, 10 * tb]),
    runtime: { imageFs: files([kb, 10 * tb]), containerFs: files([kb, 10 * tb]) },
    rlimit: { time: fresh, maxpid: [0, 1e8], curproc: [0, 1e8] },
  }
}
