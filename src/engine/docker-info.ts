import { asObject, numberAt, objectAt, textAt, textsAt } from './docker-json.ts'
import type { EngineInfo } from './engine.ts'

/** `GET /info` as the port has it. `apiVersion` is the one that is spoken. */
export function observeInfo(answer: unknown, apiVersion: string): EngineInfo {
  const info = asObject(answer, 'info')
  return {
    version: textAt(info, 'ServerVersion'),
    apiVersion,
    operatingSystem: textAt(info, 'OperatingSystem'),
    kernelVersion: textAt(info, 'KernelVersion'),
    architecture: textAt(info, 'Architecture'),
    cpus: numberAt(info, 'NCPU'),
    memoryBytes: numberAt(info, 'MemTotal'),
    hostname: textAt(info, 'Name'),
    rootDirectory: textAt(info, 'DockerRootDir'),
    runtimes: Object.keys(objectAt(info, 'Runtimes')).toSorted(),
    defaultRuntime: textAt(info, 'DefaultRuntime'),
    cgroupDriver: textAt(info, 'CgroupDriver'),
    cgroupVersion: textAt(info, 'CgroupVersion') === '2' ? '2' : '1',
    loggingDriver: textAt(info, 'LoggingDriver'),
    securityOptions: textsAt(info, 'SecurityOptions').map(securityOption),
  }
}

/** `name=seccomp,profile=default` is `seccomp`. */
function securityOption(text: string): string {
  return /^name=([^,]*)/.exec(text)?.[1] ?? text
}
