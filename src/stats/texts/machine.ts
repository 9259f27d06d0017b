import type { MetricFamily, MetricLabel } from '../../metrics/metric-family.ts'

/** What the machine is, whatever it does. */
export interface Machine {
  readonly machineId: string
  readonly systemUuid: string
  readonly bootId: string
  readonly cores: number
  readonly physicalCores: number
  readonly sockets: number
  readonly memoryBytes: number
  readonly swapBytes: number
  readonly kernelVersion: string
  readonly osVersion: string
  readonly dockerVersion: string
}

/** The machine's families of `/metrics/cadvisor` (cadvisor/metrics/prometheus_machine.go). */
export function machineFamilies(machine: Machine): readonly MetricFamily[] {
  const labels: readonly MetricLabel[] = [
    ['boot_id', machine.bootId],
    ['machine_id', machine.machineId],
    ['system_uuid', machine.systemUuid],
  ]
  return [
    gauge('machine_cpu_cores', 'Number of logical CPU cores.', machine.cores, labels),
    gauge('machine_cpu_physical_cores', 'Number of physical CPU cores.', machine.physicalCores, labels),
    gauge('machine_cpu_sockets', 'Number of CPU sockets.', machine.sockets, labels),
    gauge('machine_memory_bytes', 'Amount of memory installed on the machine.', machine.memoryBytes, labels),
    gauge('machine_swap_bytes', 'Amount of swap memory available on the machine.', machine.swapBytes, labels),
    gauge('machine_scrape_error', '1 if there was an error while getting machine metrics, 0 otherwise.', 0, []),
    gauge(
      'cadvisor_version_info',
      "A metric with a constant '1' value labeled by kernel version, OS version, docker version, cadvisor version & cadvisor revision.",
      1,
      [
        ['cadvisorRevision', ''],
        ['cadvisorVersion', ''],
        ['dockerVersion', machine.dockerVersion],
        ['kernelVersion', machine.kernelVersion],
        ['osVersion', machine.osVersion],
      ],
    ),
  ]
}

function gauge(name: string, help: string, value: number, labels: readonly MetricLabel[]): MetricFamily {
  return { name, help, type: 'gauge', samples: [{ labels, value }] }
}
