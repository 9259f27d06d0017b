import type { CgroupVersion, Controller } from '../translate/resources/cgroup-files.ts'

/** Where the cgroups of this host are to be found. */
export interface Hierarchies {
  readonly version: CgroupVersion
  /** The root folder of each controller that is written to, as far as the host has it; all the same one with version 2. */
  readonly folders: ReadonlyMap<Controller, string>
  /**
   * The root folders of all hierarchies: with version 1 a container has a cgroup in each, and in
   * one of version 2 beside them.
   */
  readonly all: readonly string[]
}

const controllerNames: ReadonlySet<string> = new Set([
  'cpu',
  'memory',
  'pids',
  'hugetlb',
] satisfies readonly Controller[])

/**
 * Reads the hierarchies out of `/proc/self/mountinfo`: of each the mount with the shortest path, and only where it shows
 * the whole of it. `controllersOfV2` is what the root of version 2 says that it has. `undefined`
 * where cpu or memory is missing.
 */
export function hierarchiesOf(
  mountInfo: string,
  version: CgroupVersion,
  controllersOfV2: readonly string[],
): Hierarchies | undefined {
  const mounts = cgroupMounts(mountInfo)
  const folders = version === '1' ? foldersOfV1(mounts) : foldersOfV2(mounts, controllersOfV2)
  if (!folders.has('cpu') || !folders.has('memory')) return undefined
  const all = version === '1' ? mounts.map(({ folder }) => folder) : folders.values()
  return { version, folders, all: [...new Set(all)] }
}

/**
 * The root folder of every controller that is mounted, whoever is to write to it, and of version 2 as `unified`. For
 * those who only read.
 */
export function controllerRoots(mountInfo: string): ReadonlyMap<string, string> {
  const roots = new Map<string, string>()
  for (const { folder, type, options } of cgroupMounts(mountInfo)) {
    for (const name of type === 'cgroup2' ? ['unified'] : options) if (!roots.has(name)) roots.set(name, folder)
  }
  return roots
}

/** Where version 2 is mounted. */
export function unifiedFolder(mountInfo: string): string | undefined {
  return cgroupMounts(mountInfo).find(({ type }) => type === 'cgroup2')?.folder
}

interface CgroupMount {
  readonly folder: string
  readonly type: 'cgroup' | 'cgroup2'
  /** Controllers among others. */
  readonly options: readonly string[]
}

/** `36 35 0:31 / /sys/fs/cgroup/cpu rw,relatime shared:9 - cgroup cgroup rw,cpu`, the shortest paths first. */
function cgroupMounts(mountInfo: string): readonly CgroupMount[] {
  return mountInfo
    .split('\n')
    .flatMap((line): CgroupMount[] => {
      const [before = '', after = ''] = line.split(' - ')
      const [, , , root, folder] = before.split(' ')
      const [type, , options = ''] = after.split(' ')
      if (root !== '/' || folder === undefined || (type !== 'cgroup' && type !== 'cgroup2')) return []
      return [{ folder, type, options: options.split(',') }]
    })
    .toSorted((one, other) => one.folder.length - other.folder.length)
}

function foldersOfV1(mounts: readonly CgroupMount[]): ReadonlyMap<Controller, string> {
  const folders = new Map<Controller, string>()
  for (const { folder, type, options } of mounts) {
    if (type !== 'cgroup') continue
    for (const option of options) if (isController(option) && !folders.has(option)) folders.set(option, folder)
  }
  return folders
}

function foldersOfV2(
  mounts: readonly CgroupMount[],
  controllersOfV2: readonly string[],
): ReadonlyMap<Controller, string> {
  const folder = mounts.find(({ type }) => type === 'cgroup2')?.folder
  return new Map(folder === undefined ? [] : controllersOfV2.filter(isController).map((name) => [name, folder]))
}

function isController(name: string): name is Controller {
  return controllerNames.has(name)
}
