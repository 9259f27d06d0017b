import type { DockerHostConfig } from '../../model/docker.ts'

type ProcPaths = Required<Pick<DockerHostConfig, 'MaskedPaths' | 'ReadonlyPaths'>>

const maskedPaths: readonly string[] = [
  '/proc/asound',
  '/proc/acpi',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/sys/firmware',
  '/sys/devices/virtual/powercap',
]

const readOnlyPaths: readonly string[] = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger']

/**
 * What a container that is not privileged does not see of the host's kernel, or sees read-only (defaultMaskedPaths and
 * defaultReadonlyPaths in pkg/securitycontext/util.go).
 *
 * @param throttlePaths Those of the host's CPUs that tell when they were throttled, by which neighbours can be spied on.
 */
export function procPaths(procMount: string | undefined, throttlePaths: readonly string[]): ProcPaths {
  // Empty lists: where there are none at all Docker takes its own.
  if (procMount === 'Unmasked') return { MaskedPaths: [], ReadonlyPaths: [] }
  return { MaskedPaths: [...maskedPaths, ...throttlePaths], ReadonlyPaths: readOnlyPaths }
}
