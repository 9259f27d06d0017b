import { asList, asObject, numberAt, objectAt, textAt, textsAt, type JsonObject } from './docker-json.ts'
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
    recursiveReadOnlyRuntimes: recursiveReadOnlyRuntimes(info, apiVersion),
    cgroupDriver: textAt(info, 'CgroupDriver'),
    cgroupVersion: textAt(info, 'CgroupVersion') === '2' ? '2' : '1',
    loggingDriver: textAt(info, 'LoggingDriver'),
    storageDriver: textAt(info, 'Driver'),
    securityOptions: textsAt(info, 'SecurityOptions').map(securityOption),
  }
}

/** The first versions with `ReadOnlyForceRecursive` and mount_setattr(2). */
const firstApi = [1, 44] as const
const firstKernel = [5, 12] as const
/** Under this name a runtime tells what it can do, in JSON: the output of its `features` command. */
const featuresKey = 'org.opencontainers.runtime-spec.features'

function recursiveReadOnlyRuntimes(info: JsonObject, apiVersion: string): readonly string[] {
  if (!isAtLeast(apiVersion, firstApi) || !isAtLeast(textAt(info, 'KernelVersion'), firstKernel)) return []
  const runtimes = objectAt(info, 'Runtimes')
  return Object.keys(runtimes)
    .filter((name) => mountOptions(objectAt(objectAt(runtimes, name), 'status')).includes('rro'))
    .toSorted()
}

/** Each runtime has its own author: what can't be read says nothing. */
function mountOptions(status: JsonObject): readonly unknown[] {
  try {
    return asList(asObject(JSON.parse(textAt(status, featuresKey)), featuresKey)['mountOptions'], 'mountOptions')
  } catch {
    return []
  }
}

function isAtLeast(version: string, [major, minor]: readonly [major: number, minor: number]): boolean {
  const [, first = '', second = ''] = /^(\d+)\.(\d+)/u.exec(version) ?? []
  return Number(first) > major || (Number(first) === major && Number(second) >= minor)
}

/** `name=seccomp,profile=default` is `seccomp`. */
function securityOption(text: string): string {
  return /^name=([^,]*)/.exec(text)?.[1] ?? text
}
