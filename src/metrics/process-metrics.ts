import { readdir, readFile } from 'node:fs/promises'
import type { MetricFamily } from './metric-family.ts'

/** What the agent's own process takes, under the names that every exporter has for it. Read when somebody scrapes. */
export async function processMetrics(): Promise<readonly MetricFamily[]> {
  const [descriptors, limits, statm] = await Promise.all([
    readdir('/proc/self/fd'),
    readFile('/proc/self/limits', 'utf8'),
    readFile('/proc/self/statm', 'utf8'),
  ])
  const { user, system } = process.cpuUsage()
  const maxDescriptors = Number(/^Max open files\s+(\d+)/mu.exec(limits)?.[1] ?? Number.NaN)
  const gauge = (name: string, help: string, value: number): MetricFamily => ({
    name: `process_${name}`,
    help,
    type: 'gauge',
    samples: [{ labels: [], value }],
  })
  return [
    {
      ...gauge('cpu_seconds_total', 'Seconds of CPU time that the process has taken.', (user + system) / 1e6),
      type: 'counter',
    },
    gauge('resident_memory_bytes', 'Bytes of memory that the process has in use.', process.memoryUsage.rss()),
    gauge(
      'virtual_memory_bytes',
      'Bytes of address space that the process has.',
      Number(statm.split(' ')[0]) * pageBytes,
    ),
    gauge('open_fds', 'How many file descriptors the process has open.', descriptors.length),
    gauge('max_fds', 'How many file descriptors the process may have open.', maxDescriptors),
    processStartTime(),
  ]
}

/** When the process was started; every endpoint of the kubelet has it. */
export function processStartTime(): MetricFamily {
  return {
    name: 'process_start_time_seconds',
    help: '[ALPHA] When the process was started, in seconds since the epoch.',
    type: 'gauge',
    samples: [{ labels: [], value: performance.timeOrigin / 1000 }],
  }
}

/** Of every Linux that Docker has packages for, on amd64 and on nearly all arm64. */
const pageBytes = 4096
