/** One line of a mountinfo (proc_pid_mountinfo(5)). */
export interface MountLine {
  /** `<major>:<minor>` of the file system. */
  readonly device: string
  /** What of the file system is mounted. */
  readonly root: string
  readonly at: string
  readonly type: string
  readonly options: string
  /** Of the file system, whoever mounts it. */
  readonly fileSystemOptions: string
  /** `shared`, `master` or both; empty if private. */
  readonly propagation: string
}

export function readMounts(mountinfo: string): readonly MountLine[] {
  return mountinfo
    .trim()
    .split('\n')
    .map((line) => {
      const [own = '', fileSystem = ''] = line.split(' - ')
      const [, , device = '', root = '', at = '', options = '', ...ways] = own.split(' ')
      const [type = '', , fileSystemOptions = ''] = fileSystem.split(' ')
      const propagation = ways.map((way) => way.replace(/:\d+$/u, '')).join(' ')
      return { device, root: unescaped(root), at: unescaped(at), type, options, fileSystemOptions, propagation }
    })
}

/** The kernel writes blanks as `\040`. */
function unescaped(path: string): string {
  return path.replaceAll(/\\(\d{3})/gu, (_, octal: string) => String.fromCodePoint(Number.parseInt(octal, 8)))
}

/** What of a mount is the kubelet's doing: of the file system that its root directory lies on it only chose the place. */
export function describeMount(mount: MountLine, rootDevice: string): string {
  const own = [mount.root, mount.options, mount.propagation].filter(Boolean).join(' ')
  return mount.device === rootDevice ? `disk ${own}` : `${mount.type} ${own} ${mount.fileSystemOptions}`
}

/** The file system of a file as a mountinfo names it, of `stat`'s `dev` (gnu_dev_major(3)). */
export function deviceName(dev: number): string {
  return `${(dev >> 8) & 0xfff}:${(dev & 0xff) | ((dev >> 12) & 0xfff00)}`
}
