import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import type { KubeletConfig } from '../../../src/config/config.ts'
import { loadConfig, type Environment } from '../../../src/config/load-config.ts'
import type { EvictionThreshold } from '../../../src/model/eviction-threshold.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const share = (signal: EvictionThreshold['signal'], percent: number): EvictionThreshold => ({
  signal,
  value: { kind: 'share', share: Math.fround(percent / 100) },
  graceMs: 0,
})
const mostMemory = { value: { kind: 'quantity', quantity: '100Mi' }, graceMs: 0 } as const
const hardThresholds: readonly EvictionThreshold[] = [
  { signal: 'memory.available', ...mostMemory },
  share('nodefs.available', 10),
  share('nodefs.inodesFree', 5),
  share('imagefs.available', 15),
  share('imagefs.inodesFree', 5),
]

/** The configuration of a command line that says only `base`. */
export const defaults: KubeletConfig = {
  nodeName: hostname().toLowerCase(),
  nodeIps: [],
  kubeconfig: undefined,
  manifestPath: '/pods',
  fileCheckFrequencyMs: 20_000,
  rootDir: '/var/lib/minikubelet',
  podLogsDir: '/var/log/pods',
  containerLogsDir: '/var/log/containers',
  dockerHost: 'unix:///var/run/docker.sock',
  dockerCertPath: undefined,
  podInfraContainerImage: undefined,
  network: 'default',
  clusterDns: [],
  clusterDomain: '',
  resolvConf: '/etc/resolv.conf',
  registerNode: true,
  nodeLabels: {},
  registerWithTaints: [],
  providerId: undefined,
  maxPods: 110,
  podsPerCore: 0,
  systemReserved: {},
  kubeReserved: {},
  cpuPeriodUs: 100_000,
  seccompDefault: false,
  logRotation: undefined,
  cgroups: {
    perQos: true,
    root: '/',
    driver: undefined,
    podPidsLimit: undefined,
    enforced: ['pods'],
    systemReservedCgroup: '',
    kubeReservedCgroup: '',
    singleProcessOomKill: false,
  },
  eviction: {
    hard: {
      'memory.available': '100Mi',
      'nodefs.available': '10%',
      'nodefs.inodesFree': '5%',
      'imagefs.available': '15%',
      'imagefs.inodesFree': '5%',
    },
    soft: {},
    softGracePeriod: {},
    minimumReclaim: {},
    mergesDefaults: false,
    thresholds: [...hardThresholds, { signal: 'allocatableMemory.available', ...mostMemory }],
    ignoresForAllocatable: false,
    reserved: hardThresholds,
    pressureTransitionMs: 300_000,
    maxPodGraceSeconds: 0,
    watchesMemory: false,
    isolatesLocalStorage: true,
  },
  nodeStatusMaxImages: 50,
  nodeStatusUpdateFrequencyMs: 10_000,
  nodeStatusReportFrequencyMs: 300_000,
  nodeLeaseDurationSeconds: 40,
  allowedUnsafeSysctls: [],
  syncFrequencyMs: 60_000,
  maxContainerRestartPeriodMs: 300_000,
  maxParallelImagePulls: 1,
  registryQps: 5,
  registryBurst: 10,
  imageVerification: { name: 'NeverVerifyPreloadedImages', allowlist: [] },
  runtimeRequestTimeoutMs: 120_000,
  pullProgressDeadlineMs: 60_000,
  garbage: {
    containers: { minAgeMs: 0, perContainer: 1, total: -1 },
    images: { highPercent: 85, lowPercent: 80, minAgeMs: 120_000, maxAgeMs: 0 },
    scope: 'pods',
  },
  shutdown: { graceMs: 0, criticalGraceMs: 0, periods: [] },
  eventQps: 50,
  eventBurst: 100,
  port: 10_250,
  clientCaFile: undefined,
  certificates: {
    folder: '/var/lib/minikubelet/pki',
    bootstrapKubeconfig: undefined,
    rotateClient: false,
    requestServing: false,
    servingFiles: undefined,
    minVersion: 'VersionTLS12',
    cipherSuites: [],
  },
  healthzPort: 10_248,
  healthzBindAddress: '127.0.0.1',
  readOnlyPort: 0,
  address: '0.0.0.0',
  server: {
    auth: {
      anonymous: false,
      tokenWebhook: false,
      tokenCacheTtlMs: 120_000,
      mode: 'AlwaysAllow',
      authorizedTtlMs: 300_000,
      unauthorizedTtlMs: 30_000,
    },
    debuggingHandlers: true,
    systemLogHandler: true,
    profilingHandler: true,
    debugFlagsHandler: true,
    streamingIdleMs: 14_400_000,
  },
  oomScoreAdj: -999,
  verbosity: 0,
  logFormat: 'auto',
  cleanupOnExit: false,
}

export const base = '--pod-manifest-path=/pods'

export interface Given {
  readonly env?: Environment
  /** The text of /etc/mk/config.yaml, which --config names. */
  readonly file?: string
}

/** Loads what must be right. */
export async function load(
  argv: readonly string[],
  given: Given = {},
): Promise<{ config: KubeletConfig; warnings: readonly string[] }> {
  const { env = {}, file } = given
  const args = file === undefined ? argv : [...argv, '--config=/etc/mk/config.yaml']
  const loaded = await loadConfig(args, env, async (path) => {
    assert.equal(path, '/etc/mk/config.yaml')
    return file ?? ''
  })
  assert.equal(loaded.kind, 'run')
  return { config: loaded.config, warnings: loaded.warnings }
}

/** The configuration of `base` and more flags. */
export async function config(argv: readonly string[], given: Given = {}): Promise<KubeletConfig> {
  return (await load([base, ...argv], given)).config
}

/** The message about what must be wrong. */
export async function faults(argv: readonly string[], given: Given = {}): Promise<string> {
  try {
    await load(argv, given)
  } catch (error) {
    assert.ok(KubeletError.is(error, 'configuration'))
    return error.message
  }
  throw new assert.AssertionError({ message: 'The configuration was accepted' })
}
