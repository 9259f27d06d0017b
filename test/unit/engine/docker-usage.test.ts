import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { observeUsage } from '../../../src/engine/docker-usage.ts'

/** As Docker 20.10 answers on a host of version 1, cut down. */
const first = {
  read: '2026-11-28T03:49:17.904770906Z',
  pids_stats: { current: 1 },
  blkio_stats: {
    io_service_bytes_recursive: [
      { major: 254, minor: 0, op: 'Read', value: 4096 },
      { major: 254, minor: 0, op: 'Write', value: 8192 },
    ],
    io_serviced_recursive: [{ major: 254, minor: 0, op: 'Read', value: 1 }],
  },
  cpu_stats: {
    cpu_usage: { total_usage: 26_504_477, usage_in_kernelmode: 10_000_000, usage_in_usermode: 5_000_000 },
    throttling_data: { periods: 4, throttled_periods: 1, throttled_time: 9 },
  },
  memory_stats: {
    usage: 716_800,
    max_usage: 4_354_048,
    stats: {
      hierarchical_memsw_limit: 209_715_200,
      inactive_file: 1,
      total_inactive_file: 4096,
      total_rss: 53_248,
      rss: 1,
      total_cache: 8192,
      pgfault: 1169,
      pgmajfault: 2,
    },
    limit: 104_857_600,
  },
  networks: {
    eth0: {
      rx_bytes: 646,
      rx_packets: 5,
      rx_errors: 1,
      rx_dropped: 0,
      tx_bytes: 7,
      tx_packets: 1,
      tx_errors: 0,
      tx_dropped: 0,
    },
  },
}

/** As Docker 26 answers on a host of version 2. */
const second = {
  ...first,
  pids_stats: { current: 3, limit: 18_446_744_073_709_552_000 },
  blkio_stats: {
    io_service_bytes_recursive: [{ major: 8, minor: 0, op: 'read', value: 512 }],
    io_serviced_recursive: null,
  },
  memory_stats: {
    usage: 716_800,
    stats: { anon: 53_248, file: 8192, inactive_file: 4096, pgfault: 1169 },
    limit: 104_857_600,
  },
}

describe('What Docker says of the use of a container', () => {
  it('is read by the words of version 1', () => {
    assert.partialDeepStrictEqual(observeUsage(first), {
      atMs: Date.parse('2026-11-28T03:49:17.904Z'),
      cpu: {
        totalNs: 26_504_477,
        userNs: 5_000_000,
        systemNs: 10_000_000,
        periods: 4,
        throttledPeriods: 1,
        throttledNs: 9,
      },
      memory: {
        usage: 716_800,
        maxUsage: 4_354_048,
        workingSet: 712_704,
        rss: 53_248,
        cache: 8192,
        pageFaults: 1169,
        majorPageFaults: 2,
        limit: 104_857_600,
        swapLimit: 209_715_200,
      },
      devices: [{ major: 254, minor: 0, bytes: { Read: 4096, Write: 8192 }, operations: { Read: 1 } }],
      interfaces: [{ name: 'eth0', rxBytes: 646, rxPackets: 5, rxErrors: 1, txBytes: 7, txPackets: 1 }],
      threads: 1,
      maxThreads: 0,
    })
  })

  it('is read by the words of version 2', () => {
    assert.partialDeepStrictEqual(observeUsage(second), {
      memory: { workingSet: 712_704, rss: 53_248, cache: 8192, limit: 104_857_600, swapLimit: undefined },
      devices: [{ major: 8, minor: 0, bytes: { Read: 512 }, operations: {} }],
      threads: 3,
      maxThreads: 0,
    })
  })

  it('is nothing of one that does not run', () => {
    const ended = { read: '0001-01-01T00:00:00Z', cpu_stats: { cpu_usage: { total_usage: 0 } }, memory_stats: {} }
    assert.equal(observeUsage(ended), undefined)
  })
})
