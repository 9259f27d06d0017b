import type { EngineInfo } from '../engine/engine.ts'

/** What this machine, or the container that the agent runs in, says of itself. */
export interface LocalFacts {
  readonly kernelVersion: string
  readonly memoryBytes: number
  readonly hostname: string
  /** `cgroup:[4026531835]`: the cgroup namespace of this process. */
  readonly cgroupNamespace: string
}

/** The kernel's own number for the namespace that it booted with (PROC_CGROUP_INIT_INO). */
const initialNamespace = 'cgroup:[4026531835]'

/** Whether Docker, reached at `dockerHost`, is on this machine: behind a socket of this one may be another, too. */
export function isDockersMachine(
  docker: Pick<EngineInfo, 'kernelVersion' | 'memoryBytes' | 'hostname'>,
  dockerHost: string,
  local: Pick<LocalFacts, 'kernelVersion' | 'memoryBytes' | 'hostname'>,
): boolean {
  const isSameMachine = docker.kernelVersion === local.kernelVersion && docker.memoryBytes === local.memoryBytes
  return isSameMachine && (dockerHost.startsWith('unix:') || docker.hostname === local.hostname)
}

/**
 * Why cgroups that this process makes are not those that Docker puts containers into, in words that end a sentence;
 * `undefined` where they are. Docker may be on another host, and this process may see only a part of the tree.
 */
export function whyNotDockersCgroups(
  docker: Pick<EngineInfo, 'kernelVersion' | 'memoryBytes' | 'hostname' | 'cgroupDriver'>,
  dockerHost: string,
  local: LocalFacts,
): string | undefined {
  if (docker.cgroupDriver !== 'cgroupfs' && docker.cgroupDriver !== 'systemd') {
    return `Docker's cgroup driver is "${docker.cgroupDriver}"`
  }
  if (!isDockersMachine(docker, dockerHost, local)) return 'Docker is on another host'
  if (local.cgroupNamespace !== initialNamespace) return 'the agent runs in a cgroup namespace of its own'
  return undefined
}
