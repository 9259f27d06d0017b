import { access, readdir } from 'node:fs/promises'
import { join } from 'node:path'

const cpus = '/sys/devices/system/cpu'

/**
 * Where the host's CPUs tell how often they were throttled for heat, of those that do: what containers must not see, see
 * translate/security/proc-mount.
 */
export async function readThrottlePaths(): Promise<readonly string[]> {
  const names = await readdir(cpus).catch((): string[] => [])
  const paths = names.filter((name) => /^cpu\d+$/u.test(name)).map((name) => join(cpus, name, 'thermal_throttle'))
  const found = await Promise.all(paths.map(async (path) => ((await isThere(path)) ? [path] : [])))
  return found.flat()
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
