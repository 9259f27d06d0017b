import type { MetricLabel } from '../../metrics/metric-family.ts'
import type { DeviceIo, InterfaceUsage } from '../../model/usage.ts'
import type { RowFamily, RowValue } from './cadvisor-families.ts'
import type { ContainerRow, MountedDisk } from './container-row.ts'
import { ofMounted } from './mounted-families.ts'

/** The block devices of the host. */
export interface Devices {
  /** `/dev/sda` by `8:0`. */
  readonly names: ReadonlyMap<string, string>
  /** That which containers' layers lie on. */
  readonly layers: { readonly numbers: string; readonly source: string } | undefined
}

/** What was read from and written to devices, and what is taken up of them. */
export function diskFamilies(devices: Devices): readonly RowFamily[] {
  const io = (name: string, help: string, kind: 'bytes' | 'operations', operation: 'Read' | 'Write'): RowFamily => ({
    name,
    help,
    type: 'counter',
    values: (row) => ioValues(withMounted(row), devices, (device) => device[kind][operation] ?? 0),
  })
  const space = (
    name: string,
    help: string,
    value: (disk: NonNullable<ContainerRow['disk']>) => number,
    ofWhole: (disk: MountedDisk) => number,
  ): RowFamily => ({
    name,
    help,
    type: 'gauge',
    values: ({ disk, mounted }) => [
      ...ofMounted(mounted, ofWhole),
      ...(disk === undefined ? [] : [{ value: value(disk), labels: [layersLabel(devices)] }]),
    ],
  })
  return [
    io('container_fs_reads_bytes_total', 'Cumulative count of bytes read', 'bytes', 'Read'),
    io('container_fs_reads_total', 'Cumulative count of reads completed', 'operations', 'Read'),
    io('container_fs_writes_bytes_total', 'Cumulative count of bytes written', 'bytes', 'Write'),
    io('container_fs_writes_total', 'Cumulative count of writes completed', 'operations', 'Write'),
    {
      name: 'container_blkio_device_usage_total',
      help: 'Blkio Device bytes usage',
      type: 'counter',
      values: (row) => usedDevices(row, devices).flatMap((device) => bytesByOperation(device, devices)),
    },
    space(
      'container_fs_usage_bytes',
      'Number of bytes that are consumed by the container on this filesystem.',
      ({ share }) => share.bytes,
      ({ system }) => system.used,
    ),
    space(
      'container_fs_limit_bytes',
      'Number of bytes that can be consumed by the container on this filesystem.',
      ({ system }) => system.capacity,
      ({ system }) => system.capacity,
    ),
  ]
}

/** Of a sector in `/proc/diskstats`, whatever the device's own are. */
const sectorBytes = 512

/** The operations that are told of in any case. */
const nothing: DeviceIo['bytes'] = { Read: 0, Write: 0 }

/** Those that a row has used, and of a container also that of its layers, with nothing if it has not: a sum begins at 0. */
function usedDevices({ details, disk }: ContainerRow, { layers }: Devices): readonly DeviceIo[] {
  const { devices } = details
  if (disk === undefined || layers === undefined) return devices
  if (devices.some(({ major, minor }) => `${major}:${minor}` === layers.numbers)) return devices
  const [major = 0, minor = 0] = layers.numbers.split(':').map(Number)
  return [...devices, { major, minor, bytes: nothing, operations: nothing }]
}

/** On many machines the root of all cgroups counts nothing: what the kernel counts of the disks is there all the same. */
function withMounted(row: ContainerRow): ContainerRow {
  const { mounted, details } = row
  const isKnown = (disk: MountedDisk): boolean =>
    details.devices.some(({ major, minor }) => major === disk.major && minor === disk.minor)
  const more = mounted
    .filter((disk) => !isKnown(disk))
    .map(({ major, minor, io }) => ({
      major,
      minor,
      bytes: { Read: io.sectorsRead * sectorBytes, Write: io.sectorsWritten * sectorBytes },
      operations: { Read: io.readsCompleted, Write: io.writesCompleted },
    }))
  return more.length === 0 ? row : { ...row, details: { ...details, devices: [...details.devices, ...more] } }
}

function ioValues(row: ContainerRow, devices: Devices, value: (device: DeviceIo) => number): readonly RowValue[] {
  return usedDevices(row, devices).map((device) => ({
    value: value(device),
    labels: [['device', nameOf(device, devices)]],
  }))
}

function bytesByOperation(device: DeviceIo, devices: Devices): readonly RowValue[] {
  return Object.entries(device.bytes).map(([operation, value]) => ({
    value,
    labels: [
      ['device', nameOf(device, devices)],
      ['major', String(device.major)],
      ['minor', String(device.minor)],
      ['operation', operation],
    ],
  }))
}

function nameOf({ major, minor }: DeviceIo, { names }: Devices): string {
  return names.get(`${major}:${minor}`) ?? ''
}

function layersLabel({ layers, names }: Devices): MetricLabel {
  return ['device', layers === undefined ? '' : (names.get(layers.numbers) ?? layers.source)]
}

function ofInterface(name: string, help: string, value: (each: InterfaceUsage) => number): RowFamily {
  return {
    name,
    help,
    type: 'counter',
    values: ({ interfaces }) => interfaces.map((each) => ({ value: value(each), labels: [['interface', each.name]] })),
  }
}

/** Of the node, and of Pods by their sandboxes. */
export const networkFamilies: readonly RowFamily[] = [
  ofInterface('container_network_receive_bytes_total', 'Cumulative count of bytes received', ({ rxBytes }) => rxBytes),
  ofInterface(
    'container_network_receive_packets_total',
    'Cumulative count of packets received',
    ({ rxPackets }) => rxPackets,
  ),
  ofInterface(
    'container_network_receive_packets_dropped_total',
    'Cumulative count of packets dropped while receiving',
    ({ rxDropped }) => rxDropped,
  ),
  ofInterface(
    'container_network_receive_errors_total',
    'Cumulative count of errors encountered while receiving',
    ({ rxErrors }) => rxErrors,
  ),
  ofInterface(
    'container_network_transmit_bytes_total',
    'Cumulative count of bytes transmitted',
    ({ txBytes }) => txBytes,
  ),
  ofInterface(
    'container_network_transmit_packets_total',
    'Cumulative count of packets transmitted',
    ({ txPackets }) => txPackets,
  ),
  ofInterface(
    'container_network_transmit_packets_dropped_total',
    'Cumulative count of packets dropped while transmitting',
    ({ txDropped }) => txDropped,
  ),
  ofInterface(
    'container_network_transmit_errors_total',
    'Cumulative count of errors encountered while transmitting',
    ({ txErrors }) => txErrors,
  ),
]
