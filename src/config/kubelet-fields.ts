/** Top-level fields of the real kubelet's KubeletConfiguration, 1.20 to 1.36, that this agent does not read. */
export const unsupportedKubeletFields: readonly string[] = `
  configMapAndSecretChangeDetectionStrategy
  containerLogMaxWorkers containerLogMonitorInterval containerRuntimeEndpoint defaultPodSysctls runOnce contentType
  cpuManagerPolicy cpuManagerPolicyOptions cpuManagerReconcilePeriod enableContentionProfiling
  enableControllerAttachDetach
  enableSystemLogQuery
  failCgroupV1 failSwapOn featureGates
  hairpinMode httpCheckFrequency
  imageServiceEndpoint iptablesDropBit iptablesMasqueradeBit kubeAPIBurst
  kubeAPIQPS kubeletCgroups makeIPTablesUtilChains maxOpenFiles memoryManagerPolicy
  memoryReservationPolicy memorySwap memoryThrottlingFactor podCIDR
  protectKernelDefaults qosReserved reservedMemory reservedSystemCPUs
  showHiddenMetricsForVersion
  staticPodURL staticPodURLHeader
  systemCgroups tlsCurvePreferences
  topologyManagerPolicy topologyManagerPolicyOptions topologyManagerScope tracing userNamespaces
  volumePluginDir volumeStatsAggPeriod`
  .trim()
  .split(/\s+/u)

/** Fields below a field of which we read a part. */
export const unsupportedKubeletSubfields: readonly string[] = [
  'authentication.anonymous',
  'authentication.webhook',
  'logging.flushFrequency',
  'logging.format',
  'logging.options',
  'logging.vmodule',
]
