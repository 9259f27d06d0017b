import { readFile } from 'node:fs/promises'
import { controllerRoots } from '../../cgroup/hierarchies.ts'
import { whyElsewhere } from '../../cgroup/open-cgroups.ts'
import type { CgroupConfig } from '../../config/config.ts'
import type { EngineInfo } from '../../engine/engine.ts'
import { cgroupLayout, cgroupPath } from '../../translate/resources/cgroup-names.ts'
import { CgroupReader } from './cgroup-reader.ts'

/** The cgroups of Docker's host, where that is this one; or why they are not seen. */
export type OpenedReader =
  | { readonly kind: 'here'; readonly reader: CgroupReader; /** The cgroup of all Pods. */ readonly podsCgroup: string }
  | { readonly kind: 'elsewhere'; readonly why: string; readonly podsCgroup: string }

/** Finds out whether the cgroups of containers can be read here. Never rejects. */
export async function openReader(
  dockerHost: string,
  { root }: Pick<CgroupConfig, 'root'>,
  daemon: EngineInfo,
): Promise<OpenedReader> {
  const layout = cgroupLayout(daemon.cgroupDriver === 'systemd' ? 'systemd' : 'cgroupfs', root)
  const podsCgroup = cgroupPath(layout, layout.root)
  const why = await whyElsewhere(daemon, dockerHost)
  const roots = controllerRoots(await readFile('/proc/self/mountinfo', 'utf8').catch(() => ''))
  const { cgroupVersion: version } = daemon
  if (why === undefined && roots.has(version === '1' ? 'cpuacct' : 'unified')) {
    return { kind: 'here', reader: new CgroupReader({ version, roots }), podsCgroup }
  }
  return { kind: 'elsewhere', why: why ?? `no cgroups of version ${version} are mounted here`, podsCgroup }
}
