import type { Pod, VolumeSpec } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'
import type { MetricFamily } from '../metric-family.ts'
import type { WorkedPod } from '../pods/pod-gauges.ts'
import { Gauge } from '../registry/gauge.ts'
import { pluginName } from './plugin-name.ts'

/**
 * How many volumes Pods want to be mounted, and how many are, by what they are of: counted when somebody scrapes
 * (pkg/kubelet/volumemanager/metrics).
 */
export function volumeGauges(worked: readonly WorkedPod[]): readonly MetricFamily[] {
  const gauge = new Gauge({
    name: 'volume_manager_total_volumes',
    help: 'How many volumes Pods want and have.',
    labels: ['plugin_name', 'state'],
  })
  for (const { pod, lifecycle, mountedVolumes } of worked) {
    if (pod === undefined) continue
    if (lifecycle === 'sync') {
      for (const volume of wantedVolumes(pod)) gauge.add(1, pluginName(volume), 'desired_state_of_world')
    }
    const mounted = new Set(mountedVolumes)
    for (const volume of pod.spec.volumes ?? []) {
      if (mounted.has(volume.name)) gauge.add(1, pluginName(volume), 'actual_state_of_world')
    }
  }
  return [gauge.family()]
}

/** Those that a container mounts. */
function wantedVolumes(pod: Pod): readonly VolumeSpec[] {
  const names = new Set(allContainers(pod).flatMap(({ volumeMounts = [] }) => volumeMounts.map(({ name }) => name)))
  return (pod.spec.volumes ?? []).filter(({ name }) => names.has(name))
}
