/**
 * Flags of the real kubelet, 1.20 to 1.36, that this agent does not have: whoever brings a kubelet's command line is told
 * "not supported" rather than "unknown". The standard flags of Go's logging library among them.
 */
export const unsupportedKubeletFlags: readonly string[] = `
  add-dir-header allow-privileged alsologtostderr application-metrics-count-limit
  azure-container-registry-config boot-id-file cadvisor-port chaos-chance
  cloud-config cloud-provider cni-bin-dir cni-cache-dir cni-conf-dir config-dir container-hints
  container-runtime container-runtime-endpoint containerd
  containerd-namespace contention-profiling cpu-manager-policy cpu-manager-policy-options cpu-manager-reconcile-period
  docker docker-endpoint docker-env-metadata-whitelist docker-only docker-root docker-tls docker-tls-ca
  docker-tls-cert docker-tls-key dynamic-config-dir enable-cadvisor-json-endpoints enable-controller-attach-detach
  enable-load-reader event-storage-age-limit event-storage-event-limit
  exit-on-lock-contention fail-cgroupv1
  experimental-bootstrap-kubeconfig
  experimental-check-node-capabilities-before-mount experimental-dockershim experimental-dockershim-root-directory
  experimental-kernel-memcg-notification experimental-logging-sanitization experimental-mounter-path fail-swap-on
  feature-gates global-housekeeping-interval hairpin-mode housekeeping-interval http-check-frequency
  image-credential-provider-bin-dir image-credential-provider-config
  image-service-endpoint keep-terminated-pod-volumes kube-api-burst kube-api-content-type
  kube-api-qps kubelet-cgroups lock-file log-backtrace-at log-cadvisor-usage log-dir
  log-file log-file-max-size log-flush-frequency log-json-info-buffer-size log-json-split-stream
  log-text-info-buffer-size log-text-split-stream logging-format logtostderr machine-id-file make-iptables-util-chains
  manifest-url manifest-url-header master-service-namespace max-housekeeping-interval max-open-files
  memory-manager-policy
  network-plugin network-plugin-mtu non-masquerade-cidr one-output pod-cidr
  protect-kernel-defaults qos-reserved really-crash-for-testing redirect-container-streaming register-schedulable
  reserved-cpus reserved-memory runonce runtime-cgroups
  seccomp-profile-root show-hidden-metrics-for-version skip-headers skip-log-headers
  stderrthreshold storage-driver-buffer-duration storage-driver-db storage-driver-host storage-driver-password
  storage-driver-secure storage-driver-table storage-driver-user system-cgroups
  topology-manager-policy
  topology-manager-policy-options topology-manager-scope update-machine-info-interval vmodule volume-plugin-dir
  volume-stats-agg-period`
  .trim()
  .split(/\s+/u)

/** What to do instead, where there is something. */
const replacements: Readonly<Record<string, string>> = {
  'container-runtime': 'leave it out, the runtime is always Docker',
  'container-runtime-endpoint': 'use --docker-host to say where Docker answers',
  'image-service-endpoint': 'use --docker-host to say where Docker answers',
  'docker-endpoint': 'use --docker-host to say where Docker answers',
  docker: 'use --docker-host to say where Docker answers',
  'docker-tls': 'set $DOCKER_TLS_VERIFY and $DOCKER_CERT_PATH',
  'register-schedulable': 'use --register-with-taints=node.kubernetes.io/unschedulable:NoSchedule',
  'logging-format': 'use --log-format',
}

/** The end of the message about an unsupported flag: empty, or ": use …". */
export function replacementFor(flag: string): string {
  const replacement = replacements[flag]
  return replacement === undefined ? '' : `: ${replacement}`
}
