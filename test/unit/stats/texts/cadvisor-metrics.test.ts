import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expositionText } from '../../../../src/metrics/exposition.ts'
import { parseDiskCounters } from '../../../../src/stats/proc/disk-counters.ts'
import { noDetails } from '../../../../src/stats/sum-rows.ts'
import type { NodeReading } from '../../../../src/stats/reading.ts'
import { cadvisorMetrics, type CadvisorFacts } from '../../../../src/stats/texts/cadvisor-metrics.ts'
import { aPodUid } from '../../../builders/pod.ts'
import { aContainerReading, aNodeReading, aPodReading, aRow, measuredAtMs } from '../../../builders/usage.ts'

const facts: CadvisorFacts = {
  devices: { names: new Map([['254:0', '/dev/vda']]), layers: { numbers: '254:0', source: '/dev/vda' } },
  mounted: [],
  machine: {
    machineId: 'm',
    systemUuid: 'u',
    bootId: 'b',
    cores: 4,
    physicalCores: 2,
    sockets: 1,
    memoryBytes: 8_000_000,
    swapBytes: 0,
    kernelVersion: '6.1.0',
    osVersion: 'Debian',
    dockerVersion: '26.1',
  },
  hasPressure: false,
}

function lines(reading: NodeReading, change: Partial<CadvisorFacts> = {}): readonly string[] {
  return expositionText(cadvisorMetrics(reading, { ...facts, ...change })).split('\n')
}

function labels(container: string, image: string, extra = ''): string {
  const name = container === '' ? '' : `k8s_${container}_web_default_${aPodUid}_0`
  const id = container === '' ? '' : `/${container}`
  return `container="${container}",${extra}id="/kubepods/pod${aPodUid}${id}",image="${image}",name="${name}",namespace="default",pod="web"`
}

describe('/metrics/cadvisor', () => {
  it('has a row for the node, for all Pods, for each Pod and for each of its containers, the sandbox as POD', () => {
    const family = 'container_memory_working_set_bytes'
    const rows = lines(aNodeReading()).filter((line) => line.startsWith(`${family}{`))
    const blank = (id: string): string => `container="",id="${id}",image="",name="",namespace="",pod=""`
    assert.deepEqual(
      rows,
      [blank('/'), blank('/kubepods'), labels('', ''), labels('POD', 'pause:1'), labels('main', 'busybox:1.36')].map(
        (each) => `${family}{${each}} 50000 ${measuredAtMs}`,
      ),
    )
  })

  it('has the time on a CPU in total, and the labels of a family in the order of the alphabet', () => {
    const line = `container_cpu_usage_seconds_total{${labels('main', 'busybox:1.36', 'cpu="total",')}} 2.5 ${measuredAtMs}`
    assert.ok(lines(aNodeReading()).includes(line))
  })

  it('tells of a sandbox no more than is read of it', () => {
    const families = lines(aNodeReading())
      .filter((line) => line.includes('container="POD"'))
      .map((line) => /^container_(\w+)\{/u.exec(line)?.[1] ?? '')
    const own = families.filter((name) => !name.startsWith('network_'))
    assert.deepEqual(own, [
      'cpu_usage_seconds_total',
      'last_seen',
      'memory_cache',
      'memory_mapped_file',
      'memory_rss',
      'memory_swap',
      'memory_usage_bytes',
      'memory_working_set_bytes',
      'processes',
      'start_time_seconds',
    ])
  })

  it('has the network of a Pod at its sandbox', () => {
    const rows = lines(aNodeReading()).filter((line) => line.startsWith('container_network_receive_bytes_total{'))
    assert.equal(rows.length, 1)
    assert.match(rows[0] ?? '', /container="POD".*interface="eth0".* 996 \d+$/u)
  })

  it('tells of the periods of a quota where there is one', () => {
    const bounds = { shares: 512, periodUs: 100_000, quotaUs: 50_000 }
    const row = aRow('/c', { details: { ...noDetails, bounds } })
    const reading = aNodeReading({ pods: [aPodReading({ containers: [aContainerReading('main', { row })] })] })
    const rows = lines(reading).filter((line) => /^container_(?:cpu_cfs_periods_total|spec_cpu_quota)\{/u.test(line))
    assert.deepEqual(
      rows.map((line) => /container="(\w*)".*\} (\d+)/u.exec(line)?.slice(1)),
      [
        ['main', '0'],
        ['main', '50000'],
      ],
    )
  })

  it('tells of each device once, and of that with the layers in any case', () => {
    const devices = [{ major: 254, minor: 0, bytes: { Read: 10, Write: 20 }, operations: { Read: 1, Write: 2 } }]
    const used = aContainerReading('main', { row: aRow('/c', { details: { ...noDetails, devices } }) })
    for (const [container, value] of [
      [used, 10],
      [aContainerReading('main'), 0],
    ] as const) {
      const reading = aNodeReading({ pods: [aPodReading({ containers: [container] })] })
      const rows = lines(reading).filter((line) => line.startsWith('container_fs_reads_bytes_total{'))
      assert.equal(rows.length, 1)
      assert.match(rows[0] ?? '', new RegExp(`device="/dev/vda".* ${value} \\d+$`, 'u'))
    }
  })

  it('tells of the disks of the machine at the node, in seconds and in each family once', () => {
    const system = { atMs: measuredAtMs, capacity: 1000, available: 300, used: 600, inodes: 50, inodesFree: 20 }
    const [io] = parseDiskCounters(' 254 0 vda 1 2 3 4000 5 6 7 8000 9 10000 11000\n').values()
    assert.ok(io)
    const text = lines(aNodeReading(), { mounted: [{ device: '/dev/vda', major: 254, minor: 0, system, io }] })
    const ofNode = text.flatMap((line) => {
      const [, name, value] =
        /^container_fs_(\w+)\{container="",device="\/dev\/vda",id="\/".*\} (\d+) \d+$/u.exec(line) ?? []
      return name === undefined ? [] : [[name, Number(value)]]
    })
    assert.deepEqual(Object.fromEntries(ofNode), {
      usage_bytes: 600,
      limit_bytes: 1000,
      inodes_free: 20,
      inodes_total: 50,
      sector_reads_total: 3,
      reads_merged_total: 2,
      read_seconds_total: 4,
      sector_writes_total: 7,
      writes_merged_total: 6,
      write_seconds_total: 8,
      io_current: 9,
      io_time_seconds_total: 10,
      io_time_weighted_seconds_total: 11,
      reads_total: 1,
      reads_bytes_total: 1536,
      writes_total: 5,
      writes_bytes_total: 3584,
    })
    assert.equal(text.filter((line) => line === '# TYPE container_fs_usage_bytes gauge').length, 1)
  })

  it('tells of pressures only where the kernel keeps them', () => {
    const pressures = (hasPressure: boolean): number =>
      lines(aNodeReading(), { hasPressure }).filter((line) => line.startsWith('container_pressure_')).length
    assert.deepEqual([pressures(false), pressures(true)], [0, 24])
  })

  it('says what a container was made with without a time, as that is none', () => {
    const started = lines(aNodeReading()).find((line) =>
      line.startsWith('container_start_time_seconds{container="main"'),
    )
    assert.match(started ?? '', /\} 1\.79525514e\+09$/u)
  })

  it('has the machine, with its ids', () => {
    const line = 'machine_cpu_cores{boot_id="b",machine_id="m",system_uuid="u"} 4'
    assert.ok(lines(aNodeReading()).includes(line))
  })

  it('shows no Pod without a cgroup of its own as one', () => {
    const rows = lines(aNodeReading({ pods: [aPodReading({ hasCgroup: false })] }))
    assert.ok(!rows.some((line) => line.startsWith('container_memory_rss{container="",') && line.includes('pod="web"')))
  })
})
