/** Docker not answering: since when, and what was said last. */
export interface DockerOutage {
  /** Epoch milliseconds of the last answer; `undefined` if there never was one. */
  readonly lastAnswerAtMs: number | undefined
  readonly message: string
}

/** After this long without an answer the kubelet says that the runtime is down, too. */
const downAfterMs = 30_000

/**
 * Why the node is not ready because of Docker, in the kubelet's words and order (pkg/kubelet/runtime.go and cri-dockerd's
 * status); empty when Docker is well.
 */
export function dockerErrors(outage: DockerOutage | undefined, nowMs: number): readonly string[] {
  if (outage === undefined) return []
  const { lastAnswerAtMs, message } = outage
  const notReady = `container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady message:docker: failed to get docker version: ${message}`
  if (lastAnswerAtMs === undefined) return ['container runtime status check may not have completed yet', notReady]
  return nowMs - lastAnswerAtMs >= downAfterMs ? ['container runtime is down', notReady] : [notReady]
}
