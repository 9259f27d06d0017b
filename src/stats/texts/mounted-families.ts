import type { RowFamily, RowValue } from './cadvisor-families.ts'
import type { MountedDisk } from './container-row.ts'

/** A value for each of the machine's own disks. */
export function ofMounted(mounted: readonly MountedDisk[], value: (disk: MountedDisk) => number): readonly RowValue[] {
  return mounted.map((disk) => ({ value: value(disk), labels: [['device', disk.device]] }))
}

function family(
  name: string,
  { help, type = 'counter' }: { readonly help: string; readonly type?: RowFamily['type'] },
  value: (disk: MountedDisk) => number,
): RowFamily {
  return { name: `container_fs_${name}`, help, type, values: ({ mounted }) => ofMounted(mounted, value) }
}

/** What the kernel counts of disks, but of no cgroup: the node alone has it, as under cAdvisor with any other runtime. */
export const mountedFamilies: readonly RowFamily[] = [
  family('inodes_free', { help: 'Number of available Inodes', type: 'gauge' }, ({ system }) => system.inodesFree),
  family('inodes_total', { help: 'Number of Inodes', type: 'gauge' }, ({ system }) => system.inodes),
  family('sector_reads_total', { help: 'Cumulative count of sector reads completed' }, ({ io }) => io.sectorsRead),
  family('reads_merged_total', { help: 'Cumulative count of reads merged' }, ({ io }) => io.readsMerged),
  family('read_seconds_total', { help: 'Cumulative count of seconds spent reading' }, ({ io }) => io.readMs / 1000),
  family('sector_writes_total', { help: 'Cumulative count of sector writes completed' }, ({ io }) => io.sectorsWritten),
  family('writes_merged_total', { help: 'Cumulative count of writes merged' }, ({ io }) => io.writesMerged),
  family('write_seconds_total', { help: 'Cumulative count of seconds spent writing' }, ({ io }) => io.writeMs / 1000),
  family('io_current', { help: 'Number of I/Os currently in progress', type: 'gauge' }, ({ io }) => io.inProgress),
  family(
    'io_time_seconds_total',
    { help: 'Cumulative count of seconds spent doing I/Os' },
    ({ io }) => io.busyMs / 1000,
  ),
  family(
    'io_time_weighted_seconds_total',
    { help: 'Cumulative weighted I/O time in seconds' },
    ({ io }) => io.weightedMs / 1000,
  ),
]
