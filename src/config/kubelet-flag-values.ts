import { goDuration } from '../util/go-duration.ts'
import { isRecord } from '../util/is-record.ts'
import type { KubeletConfig } from './config.ts'
import { kubeletConfiguration } from './kubelet-configuration.ts'
import { settingList } from './settings/settings.ts'

/** Every flag with the value that it has in the end, wherever that was said: for `/flagz`. */
export function flagValues(config: KubeletConfig): Readonly<Record<string, string>> {
  const fields = kubeletConfiguration(config)
  const others = valuesWithoutField(config)
  const entries = settingList.flatMap(({ flag, field }) => {
    if (flag === undefined) return []
    const value = field === undefined ? others[flag] : at(fields, field)
    return [[flag, flag.startsWith('eviction-') ? thresholds(flag, value) : text(value)] as const]
  })
  return Object.fromEntries(entries)
}

/** The flags that no KubeletConfiguration has. */
export function valuesWithoutField(config: KubeletConfig): Readonly<Record<string, unknown>> {
  return {
    kubeconfig: config.kubeconfig,
    'hostname-override': config.nodeName,
    'node-ip': config.nodeIps,
    'node-labels': config.nodeLabels,
    'root-dir': config.rootDir,
    'docker-host': config.dockerHost,
    'pod-infra-container-image': config.podInfraContainerImage,
    network: config.network,
    'minimum-container-ttl-duration': goDuration(config.garbage.containers.minAgeMs),
    'maximum-dead-containers-per-container': config.garbage.containers.perContainer,
    'maximum-dead-containers': config.garbage.containers.total,
    'image-gc-scope': config.garbage.scope,
    'image-pull-progress-deadline': goDuration(config.pullProgressDeadlineMs),
    'bootstrap-kubeconfig': config.certificates.bootstrapKubeconfig,
    'cert-dir': config.certificates.folder,
    'container-logs-dir': config.containerLogsDir,
    'experimental-allocatable-ignore-eviction': config.eviction.ignoresForAllocatable,
    'log-format': config.logFormat,
    'cleanup-on-exit': config.cleanupOnExit,
  }
}

function at(fields: Readonly<Record<string, unknown>>, path: string): unknown {
  return path.split('.').reduce<unknown>((value, key) => (isRecord(value) ? value[key] : undefined), fields)
}

function text(value: unknown): string {
  if (value === undefined) return ''
  if (typeof value === 'string') return value
  if (Array.isArray(value)) return value.map((item) => (isRecord(item) ? taint(item) : String(item))).join(',')
  if (!isRecord(value)) return JSON.stringify(value)
  const pairs = Object.entries(value).map(([key, each]) => `${key}=${String(each)}`)
  return pairs.join(',')
}

/** Thresholds are written with the sign of what they mean. */
function thresholds(flag: string, value: unknown): string {
  const separator = flag === 'eviction-hard' || flag === 'eviction-soft' ? '<' : '='
  if (!isRecord(value)) return text(value)
  return Object.entries(value)
    .map(([key, each]) => `${key}${separator}${String(each)}`)
    .join(',')
}

function taint({ key, value, effect }: Readonly<Record<string, unknown>>): string {
  return value === '' ? `${String(key)}:${String(effect)}` : `${String(key)}=${String(value)}:${String(effect)}`
}
