import type { CgroupLimits } from '../translate/resources/cgroup-limits.ts'
import { sliceName, type CgroupName } from '../translate/resources/cgroup-names.ts'
import type { CgroupVersion } from '../translate/resources/cgroup-files.ts'
import { cpuWeight } from '../translate/resources/cpu-time.ts'

/** Runs `busctl` with these arguments. Rejects with what it says where it fails. */
export type Busctl = (args: readonly string[]) => Promise<void>

/**
 * Cgroups as systemd's slices. Where systemd is the driver the tree is its own: what it does not know of it sets back to
 * its defaults whenever it looks. So it is told of each slice and its limits, as the kubelet tells it over D-Bus.
 */
export class SystemdSlices {
  readonly #busctl: Busctl
  readonly #version: CgroupVersion

  constructor(busctl: Busctl, version: CgroupVersion) {
    this.#busctl = busctl
    this.#version = version
  }

  /** Makes the slice, or sets the limits of one that is there. */
  async set(name: CgroupName, limits: CgroupLimits): Promise<void> {
    const own = limitProperties(limits, this.#version)
    const fixed = ['Description', 's', `Pods of minikubelet: ${name.join('/')}`, 'DefaultDependencies', 'b', 'false']
    const accounting = ['MemoryAccounting', 'CPUAccounting', 'TasksAccounting'].flatMap((each) => [each, 'b', 'true'])
    const count = String(2 + 3 + own.length)
    try {
      await this.#call('StartTransientUnit', 'ssa(sv)a(sa(sv))', [
        sliceName(name),
        'replace',
        count,
        ...fixed,
        ...accounting,
        ...own.flat(),
        '0',
      ])
    } catch {
      // It is there already, if that is what was wrong; if not, this fails too.
      if (own.length === 0) return
      const properties = [String(own.length), ...own.flat()]
      await this.#call('SetUnitProperties', 'sba(sv)', [sliceName(name), 'true', ...properties])
    }
  }

  /** Makes systemd forget the slice; gone already is success. */
  async remove(name: CgroupName): Promise<void> {
    await this.#call('StopUnit', 'ss', [sliceName(name), 'replace']).catch(() => undefined)
  }

  async #call(method: string, signature: string, values: readonly string[]): Promise<void> {
    const systemd = 'org.freedesktop.systemd1'
    const target = [systemd, '/org/freedesktop/systemd1', `${systemd}.Manager`, method]
    await this.#busctl(['call', '--quiet', '--system', ...target, signature, ...values])
  }
}

/** Limits as systemd has them: name, type and value. Of huge pages it knows nothing. */
export function limitProperties(
  { cpuShares, cpuQuota, memoryBytes, pids }: CgroupLimits,
  version: CgroupVersion,
): readonly (readonly [name: string, type: string, value: string])[] {
  const isFirst = version === '1'
  return [
    ...(cpuShares === undefined
      ? []
      : [
          isFirst
            ? (['CPUShares', 't', `${cpuShares}`] as const)
            : (['CPUWeight', 't', `${cpuWeight(cpuShares)}`] as const),
        ]),
    ...(cpuQuota === undefined
      ? []
      : [
          ['CPUQuotaPeriodUSec', 't', `${cpuQuota.periodUs}`] as const,
          ['CPUQuotaPerSecUSec', 't', perSecond(cpuQuota.quotaUs, cpuQuota.periodUs)] as const,
        ]),
    ...(memoryBytes ? [[isFirst ? 'MemoryLimit' : 'MemoryMax', 't', bound(memoryBytes)] as const] : []),
    ...(pids === undefined ? [] : [['TasksMax', 't', bound(pids)] as const]),
  ]
}

/** In whole hundredths of a CPU, rounded up: systemd has no finer ones. */
function perSecond(quotaUs: number, periodUs: number): string {
  if (quotaUs <= 0) return infinity
  return `${Math.ceil((quotaUs * 1_000_000) / periodUs / 10_000) * 10_000}`
}

function bound(value: number): string {
  return value < 0 ? infinity : `${value}`
}

/** The largest number of 64 bits. */
const infinity = '18446744073709551615'
