import { homedir, hostname } from 'node:os'
import { basename, dirname, join, resolve } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import type { LogRotation } from '../model/log-rotation.ts'
import type { VerificationPolicy } from '../model/verification-policy.ts'
import { subdomainFault } from '../util/names.ts'
import type { ConfigFile } from './config-file.ts'
import type { KubeletConfig } from './config.ts'
import { parseFlags } from './flags.ts'
import { renderHelp } from './help.ts'
import { readCertificateConfig } from './read-certificate-config.ts'
import { readCgroupConfig } from './read-cgroup-config.ts'
import { readEvictionConfig } from './read-eviction-config.ts'
import { readGarbageConfig } from './read-garbage-config.ts'
import { readServerConfig } from './read-server-config.ts'
import { readShutdownConfig } from './read-shutdown-config.ts'
import { SettingReader } from './setting-reader.ts'
import { settings } from './settings/settings.ts'
import { dockerEndpoint } from './values/value-types.ts'
import { kubeletVersion } from './version.ts'

/** What the command line asks for. */
export type LoadedConfig =
  | { readonly kind: 'run'; readonly config: KubeletConfig; readonly warnings: readonly string[] }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version'; readonly text: string }

export type Environment = Readonly<Record<string, string | undefined>>
export type ReadFile = (path: string) => Promise<string>

/**
 * The configuration out of a command line (without node and script), Docker's environment variables and the --config
 * file, read with `readFile`. Throws `configuration` with every fault in its message.
 */
export async function loadConfig(argv: readonly string[], env: Environment, readFile: ReadFile): Promise<LoadedConfig> {
  const flags = parseFlags(argv)
  if (flags.kind === 'help') return { kind: 'help', text: renderHelp() }
  if (flags.kind === 'version') return { kind: 'version', text: `minikubelet ${kubeletVersion()}` }

  const configPath = flags.texts.get('config')?.at(-1) ?? ''
  const file = configPath === '' ? emptyFile : await readConfigFile(configPath, readFile)
  const reader = new SettingReader({
    flags: flags.texts,
    fields: file.fields,
    fileFolder: dirname(resolve(configPath)),
  })
  const config = buildConfig(reader, env)
  const faults = [...flags.faults, ...file.faults, ...reader.faults, ...crossFaults(config)]
  // After another fault it may be only a slip in the flag's name.
  if (faults.length === 0 && config.kubeconfig === undefined && config.manifestPath === undefined) {
    faults.push(
      'Nothing to run: give --kubeconfig for the Pods of an API server, --pod-manifest-path for static Pods, or both',
    )
  }
  if (faults.length > 0) throw new KubeletError('configuration', describe(faults))
  return { kind: 'run', config, warnings: file.warnings }
}

const emptyFile: ConfigFile = { fields: new Map(), faults: [], warnings: [] }

async function readConfigFile(path: string, readFile: ReadFile): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(path)
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    return { ...emptyFile, faults: [`Cannot read the file of --config "${path}": ${reason}`] }
  }
  // Loaded only if there is a file: YAML costs the process 8 MB for good.
  const { parseConfigFile } = await import('./config-file.ts')
  return parseConfigFile(basename(path), text)
}

function buildConfig(reader: SettingReader, env: Environment): KubeletConfig {
  const cgroups = readCgroupConfig(reader)
  return {
    nodeName: nodeName(reader.read(settings.hostnameOverride)),
    nodeIps: reader.read(settings.nodeIps),
    kubeconfig: reader.readPath(settings.kubeconfig),
    manifestPath: reader.readPath(settings.manifestPath),
    fileCheckFrequencyMs: reader.read(settings.fileCheckFrequencyMs),
    rootDir: resolve(reader.read(settings.rootDir)),
    podLogsDir: resolve(reader.read(settings.podLogsDir)),
    containerLogsDir: resolve(reader.read(settings.containerLogsDir)),
    dockerHost: dockerHost(reader, env),
    dockerCertPath: dockerCertPath(env),
    podInfraContainerImage: reader.read(settings.podInfraContainerImage),
    network: reader.read(settings.network),
    clusterDns: reader.read(settings.clusterDns),
    clusterDomain: reader.read(settings.clusterDomain),
    resolvConf: reader.read(settings.resolvConf),
    registerNode: reader.read(settings.registerNode),
    nodeLabels: reader.read(settings.nodeLabels),
    registerWithTaints: reader.read(settings.registerWithTaints),
    providerId: reader.read(settings.providerId),
    maxPods: reader.read(settings.maxPods),
    podsPerCore: reader.read(settings.podsPerCore),
    systemReserved: reader.read(settings.systemReserved),
    kubeReserved: reader.read(settings.kubeReserved),
    cpuPeriodUs: cpuPeriodUs(reader),
    cgroups,
    eviction: readEvictionConfig(reader, cgroups.enforced.includes('pods')),
    nodeStatusMaxImages: reader.read(settings.nodeStatusMaxImages),
    nodeStatusUpdateFrequencyMs: reader.read(settings.nodeStatusUpdateFrequencyMs),
    nodeStatusReportFrequencyMs: nodeStatusReportFrequencyMs(reader),
    nodeLeaseDurationSeconds: reader.read(settings.nodeLeaseDurationSeconds),
    allowedUnsafeSysctls: reader.read(settings.allowedUnsafeSysctls),
    seccompDefault: reader.read(settings.seccompDefault),
    logRotation: logRotation(reader),
    syncFrequencyMs: reader.read(settings.syncFrequencyMs),
    maxContainerRestartPeriodMs: reader.read(settings.maxContainerRestartPeriodMs),
    maxParallelImagePulls: maxParallelImagePulls(reader),
    registryQps: reader.read(settings.registryQps),
    registryBurst: reader.read(settings.registryBurst),
    imageVerification: imageVerification(reader),
    runtimeRequestTimeoutMs: reader.read(settings.runtimeRequestTimeoutMs),
    pullProgressDeadlineMs: reader.read(settings.pullProgressDeadlineMs),
    garbage: readGarbageConfig(reader),
    shutdown: readShutdownConfig(reader),
    eventQps: reader.read(settings.eventQps),
    eventBurst: reader.read(settings.eventBurst),
    port: reader.read(settings.enableServer) ? reader.read(settings.port) : 0,
    clientCaFile: reader.readPath(settings.clientCaFile),
    certificates: readCertificateConfig(reader),
    healthzPort: reader.read(settings.healthzPort),
    healthzBindAddress: reader.read(settings.healthzBindAddress),
    readOnlyPort: reader.read(settings.readOnlyPort),
    address: reader.read(settings.address),
    server: readServerConfig(reader),
    oomScoreAdj: reader.read(settings.oomScoreAdj),
    verbosity: reader.read(settings.verbosity),
    logFormat: reader.read(settings.logFormat),
    cleanupOnExit: reader.read(settings.cleanupOnExit),
  }
}

function nodeName(override: string): string {
  const given = override.trim()
  return (given === '' ? hostname() : given).toLowerCase()
}

function dockerHost(reader: SettingReader, env: Environment): string {
  const fromEnvironment = nonEmpty(env['DOCKER_HOST'])
  const flag = reader.read(settings.dockerHost)
  if (flag !== undefined) return flag
  if (fromEnvironment === undefined) return 'unix:///var/run/docker.sock'
  const result = dockerEndpoint.fromFlag([fromEnvironment])
  if (result.kind === 'fault')
    reader.fault(`Invalid value "${fromEnvironment}" of $DOCKER_HOST: must be ${result.expected}`)
  return fromEnvironment
}

/** Docker's own clients use TLS when $DOCKER_TLS_VERIFY is set to anything but the empty string. */
function dockerCertPath(env: Environment): string | undefined {
  if (nonEmpty(env['DOCKER_TLS_VERIFY']) === undefined) return undefined
  return nonEmpty(env['DOCKER_CERT_PATH']) ?? join(homedir(), '.docker')
}

function cpuPeriodUs(reader: SettingReader): number | undefined {
  const periodMs = reader.read(settings.cpuCfsQuotaPeriodMs)
  return reader.read(settings.cpuCfsQuota) ? Math.trunc(periodMs * 1000) : undefined
}

/**
 * Without a word on it Docker does as it is set, see docs/decisions/logs.md; and, as in the
 * kubelet, with a negative size.
 */
function logRotation(reader: SettingReader): LogRotation | undefined {
  if (![settings.containerLogMaxBytes, settings.containerLogMaxFiles].some((setting) => reader.isGiven(setting)))
    return undefined
  const maxBytes = reader.read(settings.containerLogMaxBytes)
  const maxFiles = reader.read(settings.containerLogMaxFiles)
  return maxBytes < 0 ? undefined : { maxBytes, maxFiles }
}

/** As in the kubelet, the reports follow the updates where only those are set. */
function nodeStatusReportFrequencyMs(reader: SettingReader): number {
  const report = reader.read(settings.nodeStatusReportFrequencyMs)
  if (report !== undefined) return report
  const isUpdateSet = reader.isGiven(settings.nodeStatusUpdateFrequencyMs)
  return isUpdateSet ? reader.read(settings.nodeStatusUpdateFrequencyMs) : 300_000
}

/** As in the kubelet, a bound above 1 means that pulls are not serialized, and the two must not contradict each other. */
function maxParallelImagePulls(reader: SettingReader): number | undefined {
  const max = reader.read(settings.maxParallelImagePulls)
  const serialize = reader.read(settings.serializeImagePulls) ?? (max === undefined || max === 1)
  if (!serialize) return max
  if (max !== undefined && max > 1) {
    reader.fault('--max-parallel-image-pulls above 1 (maxParallelImagePulls) needs --serialize-image-pulls=false')
  }
  return 1
}

/** As in the kubelet, a list that nobody would look at is a mistake. */
function imageVerification(reader: SettingReader): VerificationPolicy {
  const name = reader.read(settings.imageVerificationPolicy)
  const allowlist = reader.read(settings.imageVerificationAllowlist)
  if (allowlist.length > 0 && name !== 'NeverVerifyAllowlistedImages') {
    reader.fault(
      'preloadedImagesVerificationAllowlist needs imagePullCredentialsVerificationPolicy to be NeverVerifyAllowlistedImages',
    )
  }
  return { name, allowlist }
}

/** What can only be said of several settings together, or of what was found out. */
function crossFaults(config: KubeletConfig): string[] {
  const faults: string[] = []
  const nameFault = subdomainFault(config.nodeName)
  if (nameFault !== undefined) {
    faults.push(`Invalid node name "${config.nodeName}": ${nameFault}; set another one with --hostname-override`)
  }
  faults.push(...portFaults(config))
  if (config.clusterDomain !== '' && subdomainFault(config.clusterDomain) !== undefined) {
    faults.push(
      `Invalid value "${config.clusterDomain}" for --cluster-domain: must be a DNS name such as "cluster.local"`,
    )
  }
  return faults
}

function portFaults({ port, healthzPort, readOnlyPort }: KubeletConfig): readonly string[] {
  const pairs = [
    ['--port', port, '--healthz-port', healthzPort],
    ['--port', port, '--read-only-port', readOnlyPort],
    ['--healthz-port', healthzPort, '--read-only-port', readOnlyPort],
  ] as const
  return pairs
    .filter(([, one, , other]) => one !== 0 && one === other)
    .map(([flag, one, otherFlag]) => `${flag} and ${otherFlag} are both ${one}: give them different ports`)
}

function describe(faults: readonly string[]): string {
  const [first = '', ...others] = faults
  if (others.length === 0) return first
  return `${faults.length} faults in the configuration:\n${faults.map((fault) => `  - ${fault}`).join('\n')}`
}

function nonEmpty(text: string | undefined): string | undefined {
  return text === '' ? undefined : text
}
