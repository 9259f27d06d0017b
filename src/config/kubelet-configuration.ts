/** How the agent is set, as a KubeletConfiguration: read as a --config file it sets another agent the same way. */
import { goDuration } from '../util/go-duration.ts'
import { bytesQuantity, formatQuantity } from '../util/quantity.ts'
import type { KubeletConfig } from './config.ts'

/** Fields by their names; what is not set is left out. */
export type ConfigurationFields = Readonly<Record<string, unknown>>

/** The whole object. Rule for what is in it: every field that a --config file of this agent may have. */
export function kubeletConfiguration(config: KubeletConfig): ConfigurationFields {
  return withoutUnset({
    kind: 'KubeletConfiguration',
    apiVersion: 'kubelet.config.k8s.io/v1beta1',
    ...podFields(config),
    ...nodeFields(config),
    ...cgroupFields(config),
    ...evictionFields(config),
    ...imageFields(config),
    ...garbageFields(config),
    ...serverFields(config),
    ...certificateFields(config),
    podLogsDir: config.podLogsDir,
    ...logFields(config),
    eventRecordQPS: config.eventQps,
    eventBurst: config.eventBurst,
    oomScoreAdj: config.oomScoreAdj,
    logging: { verbosity: config.verbosity },
  })
}

function podFields(config: KubeletConfig): ConfigurationFields {
  return {
    staticPodPath: config.manifestPath,
    fileCheckFrequency: goDuration(config.fileCheckFrequencyMs),
    syncFrequency: goDuration(config.syncFrequencyMs),
    runtimeRequestTimeout: goDuration(config.runtimeRequestTimeoutMs),
    crashLoopBackOff: { maxContainerRestartPeriod: goDuration(config.maxContainerRestartPeriodMs) },
    clusterDNS: config.clusterDns,
    clusterDomain: config.clusterDomain,
    resolvConf: config.resolvConf,
    allowedUnsafeSysctls: config.allowedUnsafeSysctls,
    seccompDefault: config.seccompDefault,
    cpuCFSQuota: config.cpuPeriodUs !== undefined,
    cpuCFSQuotaPeriod: config.cpuPeriodUs === undefined ? undefined : goDuration(config.cpuPeriodUs / 1000),
  }
}

function logFields({ logRotation }: KubeletConfig): ConfigurationFields {
  // Docker rotates as it is set; the number of files says nothing then.
  if (logRotation === undefined) return { containerLogMaxSize: '-1', containerLogMaxFiles: 5 }
  const { maxBytes, maxFiles } = logRotation
  return { containerLogMaxSize: formatQuantity(bytesQuantity(maxBytes)), containerLogMaxFiles: maxFiles }
}

function nodeFields(config: KubeletConfig): ConfigurationFields {
  return {
    registerNode: config.registerNode,
    registerWithTaints: config.registerWithTaints,
    providerID: config.providerId,
    maxPods: config.maxPods,
    podsPerCore: config.podsPerCore,
    systemReserved: config.systemReserved,
    kubeReserved: config.kubeReserved,
    nodeStatusMaxImages: config.nodeStatusMaxImages,
    nodeStatusUpdateFrequency: goDuration(config.nodeStatusUpdateFrequencyMs),
    nodeStatusReportFrequency: goDuration(config.nodeStatusReportFrequencyMs),
    nodeLeaseDurationSeconds: config.nodeLeaseDurationSeconds,
  }
}

function cgroupFields({ cgroups }: KubeletConfig): ConfigurationFields {
  return {
    cgroupsPerQOS: cgroups.perQos,
    cgroupRoot: cgroups.root,
    cgroupDriver: cgroups.driver,
    podPidsLimit: cgroups.podPidsLimit ?? -1,
    enforceNodeAllocatable: cgroups.enforced,
    systemReservedCgroup: cgroups.systemReservedCgroup,
    kubeReservedCgroup: cgroups.kubeReservedCgroup,
    singleProcessOOMKill: cgroups.singleProcessOomKill,
  }
}

function evictionFields({ eviction }: KubeletConfig): ConfigurationFields {
  return {
    evictionHard: eviction.hard,
    evictionSoft: eviction.soft,
    evictionSoftGracePeriod: eviction.softGracePeriod,
    evictionMinimumReclaim: eviction.minimumReclaim,
    evictionPressureTransitionPeriod: goDuration(eviction.pressureTransitionMs),
    evictionMaxPodGracePeriod: eviction.maxPodGraceSeconds,
    mergeDefaultEvictionSettings: eviction.mergesDefaults,
    kernelMemcgNotification: eviction.watchesMemory,
    localStorageCapacityIsolation: eviction.isolatesLocalStorage,
  }
}

function imageFields(config: KubeletConfig): ConfigurationFields {
  const { maxParallelImagePulls: parallel, imageVerification } = config
  return {
    serializeImagePulls: parallel === 1,
    maxParallelImagePulls: parallel,
    registryPullQPS: config.registryQps,
    registryBurst: config.registryBurst,
    imagePullCredentialsVerificationPolicy: imageVerification.name,
    preloadedImagesVerificationAllowlist: imageVerification.allowlist,
  }
}

function garbageFields({ garbage: { images }, shutdown }: KubeletConfig): ConfigurationFields {
  const { graceMs, criticalGraceMs, periods } = shutdown
  return {
    imageGCHighThresholdPercent: images.highPercent,
    imageGCLowThresholdPercent: images.lowPercent,
    imageMinimumGCAge: goDuration(images.minAgeMs),
    imageMaximumGCAge: goDuration(images.maxAgeMs),
    shutdownGracePeriod: goDuration(graceMs),
    shutdownGracePeriodCriticalPods: goDuration(criticalGraceMs),
    shutdownGracePeriodByPodPriority:
      periods.length === 0
        ? undefined
        : periods.map(({ priority, seconds }) => ({ priority, shutdownGracePeriodSeconds: seconds })),
  }
}

function serverFields({ server, ...config }: KubeletConfig): ConfigurationFields {
  const { auth } = server
  return {
    enableServer: config.port > 0,
    address: config.address,
    port: config.port,
    readOnlyPort: config.readOnlyPort,
    healthzPort: config.healthzPort,
    healthzBindAddress: config.healthzBindAddress,
    authentication: {
      x509: withoutUnset({ clientCAFile: config.clientCaFile }),
      webhook: { enabled: auth.tokenWebhook, cacheTTL: goDuration(auth.tokenCacheTtlMs) },
      anonymous: { enabled: auth.anonymous },
    },
    authorization: {
      mode: auth.mode,
      webhook: {
        cacheAuthorizedTTL: goDuration(auth.authorizedTtlMs),
        cacheUnauthorizedTTL: goDuration(auth.unauthorizedTtlMs),
      },
    },
    enableDebuggingHandlers: server.debuggingHandlers,
    enableSystemLogHandler: server.systemLogHandler,
    enableProfilingHandler: server.profilingHandler,
    enableDebugFlagsHandler: server.debugFlagsHandler,
    streamingConnectionIdleTimeout: goDuration(server.streamingIdleMs),
  }
}

function certificateFields({ certificates }: KubeletConfig): ConfigurationFields {
  return {
    rotateCertificates: certificates.rotateClient,
    serverTLSBootstrap: certificates.requestServing,
    tlsCertFile: certificates.servingFiles?.certificate,
    tlsPrivateKeyFile: certificates.servingFiles?.key,
    tlsMinVersion: certificates.minVersion,
    tlsCipherSuites: certificates.cipherSuites.length === 0 ? undefined : certificates.cipherSuites,
  }
}

function withoutUnset(fields: ConfigurationFields): ConfigurationFields {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined))
}
