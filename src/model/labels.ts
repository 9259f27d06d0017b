/**
 * The labels on every container of this agent: its only lasting state. translate/identity.ts writes them, engine/ reads
 * them back.
 *
 * The `io.kubernetes.*` keys are the kubelet's own, so that existing tools find Pods and containers by them (facts 2.2).
 * `io.kubernetes.docker.type` must never be among them: a dockershim or cri-dockerd on the same daemon adopts, and kills,
 * what carries it.
 */
export const labels = {
  podName: 'io.kubernetes.pod.name',
  podNamespace: 'io.kubernetes.pod.namespace',
  podUid: 'io.kubernetes.pod.uid',
  /** The container's name in the spec; `POD` on a sandbox. */
  containerName: 'io.kubernetes.container.name',
  /** Id of the sandbox whose namespaces the container joined. */
  sandboxId: 'io.kubernetes.sandbox.id',
  /** Path under /var/log/pods at which log collectors look for the container's log. */
  logPath: 'io.kubernetes.container.logpath',
  /** Name of the node that the object belongs to; every list filters on it. */
  node: 'minikubelet.node',
  /** `sandbox`, `container`, or `image` for what keeps an image for a volume and never runs. */
  kind: 'minikubelet.kind',
  /** Decimal: which sandbox of the Pod, or the restart count with which the container was created. */
  attempt: 'minikubelet.attempt',
  /** Hash of the container's spec at its creation. */
  hash: 'minikubelet.hash',
  /** JSON, see model/allocation: what a container was made with, or on a sandbox what its Pod had been given then. */
  resources: 'minikubelet.resources',
  /** Name of the volume that an image is kept for. */
  volumeName: 'minikubelet.volume',
  /** Path of the termination message inside the container. */
  terminationMessagePath: 'minikubelet.termination-message-path',
  /** `File` or `FallbackToLogsOnError`. */
  terminationMessagePolicy: 'minikubelet.termination-message-policy',
  /** Decimal seconds: the Pod's grace, for a Pod whose object is gone. */
  terminationGracePeriodSeconds: 'minikubelet.termination-grace-period-seconds',
} as const

/** The value of `labels.containerName` on a sandbox, which is the kubelet's. */
export const sandboxContainerName = 'POD'
