import type { CgroupConfig } from './config.ts'
import type { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'

/** The settings of cgroups, with a fault noted for each contradiction among them (ValidateKubeletConfiguration). */
export function readCgroupConfig(reader: SettingReader): CgroupConfig {
  const perQos = reader.read(settings.cgroupsPerQos)
  const podPidsLimit = reader.read(settings.podPidsLimit)
  const enforced = reader.read(settings.enforceNodeAllocatable).filter((name) => name !== 'none')
  const systemReservedCgroup = reader.read(settings.systemReservedCgroup)
  const kubeReservedCgroup = reader.read(settings.kubeReservedCgroup)
  for (const name of enforced) {
    const flag = '--enforce-node-allocatable (enforceNodeAllocatable)'
    if (!perQos) reader.fault(`${flag} may not name "${name}" where --cgroups-per-qos (cgroupsPerQOS) is false`)
    if (name.startsWith('system-reserved') && systemReservedCgroup === '') {
      reader.fault(`${flag} names "${name}", which needs --system-reserved-cgroup (systemReservedCgroup)`)
    }
    if (name.startsWith('kube-reserved') && kubeReservedCgroup === '') {
      reader.fault(`${flag} names "${name}", which needs --kube-reserved-cgroup (kubeReservedCgroup)`)
    }
    if (name.endsWith(compressible) && enforced.some((other) => `${other}${compressible}` === name)) {
      reader.fault(`${flag} names both "${name}" and "${name.slice(0, -compressible.length)}": give one of them`)
    }
  }
  return {
    perQos,
    root: reader.read(settings.cgroupRoot) || '/',
    driver: reader.read(settings.cgroupDriver),
    podPidsLimit: podPidsLimit > 0 ? podPidsLimit : undefined,
    enforced,
    systemReservedCgroup,
    kubeReservedCgroup,
    singleProcessOomKill: reader.read(settings.singleProcessOomKill),
  }
}

const compressible = '-compressible'
