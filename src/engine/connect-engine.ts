import { dockerHost } from './connection/docker-host.ts'
import { DockerEngine } from './docker-engine.ts'

/** As the configuration has it: where Docker answers, with which certificates, and for which node. */
export interface ConnectEngineOptions {
  readonly dockerHost: string
  readonly dockerCertPath: string | undefined
  readonly nodeName: string
  readonly pullProgressDeadlineMs: number
  readonly runtimeRequestTimeoutMs: number
}

/** Connects to Docker, as `DockerEngine.connect` does. */
export function connectEngine(options: ConnectEngineOptions, signal: AbortSignal): Promise<DockerEngine> {
  const { nodeName, pullProgressDeadlineMs, runtimeRequestTimeoutMs: requestTimeoutMs, dockerCertPath } = options
  const host = dockerHost(options.dockerHost, { DOCKER_CERT_PATH: dockerCertPath })
  return DockerEngine.connect({ host, nodeName, pullProgressDeadlineMs, requestTimeoutMs }, signal)
}
