import type { EngineInfo } from '../../src/engine/engine.ts'

/** What a fake says of its daemon. */
export const usualInfo: EngineInfo = {
  version: '20.10.24',
  apiVersion: '1.41',
  operatingSystem: 'Debian GNU/Linux 12 (bookworm)',
  kernelVersion: '6.1.0',
  architecture: 'x86_64',
  cpus: 2,
  memoryBytes: 8_000_000_000,
  hostname: 'docker',
  rootDirectory: '/var/lib/docker',
  runtimes: ['minikubelet', 'runc'],
  defaultRuntime: 'runc',
  recursiveReadOnlyRuntimes: [],
  cgroupDriver: 'cgroupfs',
  cgroupVersion: '2',
  loggingDriver: 'json-file',
  storageDriver: 'overlay2',
  securityOptions: ['seccomp'],
}
