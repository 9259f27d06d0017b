import type { MountPoint } from './mounts.ts'

/**
 * The mounts of /proc/self/mountinfo (proc_pid_mountinfo(5)). A line that is not as the kernel writes them is left out.
 */
export function parseMountInfo(text: string): readonly MountPoint[] {
  return text.split('\n').flatMap((line) => parseLine(line) ?? [])
}

/**
 * The lines of what is mounted at a folder or below it: of a node's hundreds they are few, and
 * the others need not be read.
 */
export function linesBelow(text: string, folder: string): string {
  // Of hundreds of Pods each one's end would otherwise go through the mounts of all, to find none.
  if (isWrittenPlainly(folder) && !text.includes(` ${folder}`)) return ''
  return text
    .split('\n')
    .filter((line) => isAtOrBelow(unescape(line.split(' ', 5)[4] ?? ''), folder))
    .join('\n')
}

/** `36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue` */
function parseLine(line: string): MountPoint | undefined {
  const fields = line.split(' ')
  // Any number of optional fields may stand before the dash.
  const dash = fields.indexOf('-', 6)
  const [id, parentId, device, root, target, options] = fields
  const [type, source, superOptions] = fields.slice(dash + 1)
  if (dash === -1 || id === undefined || target === undefined || superOptions === undefined) return undefined
  return {
    id: Number(id),
    parentId: Number(parentId),
    device: device ?? '',
    root: unescape(root ?? ''),
    target: unescape(target),
    options: unescape(options ?? '').split(','),
    superOptions: unescape(superOptions).split(','),
    isShared: fields.slice(6, dash).some((field) => field.startsWith('shared:')),
    type: unescape(type ?? ''),
    source: unescape(source ?? ''),
  }
}

/** The kernel writes blanks, line ends, backslashes and some more as three octal digits, byte by byte of UTF-8. */
function unescape(field: string): string {
  if (!field.includes('\\')) return field
  return field.replaceAll(/\\([0-3][0-7]{2})/gu, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
}

/** True of a path that the kernel writes as it is. */
function isWrittenPlainly(path: string): boolean {
  return /^[\w./~:-]*$/u.test(path)
}

/** True for a folder and all that lies in it, by the words of the paths. */
export function isAtOrBelow(path: string, folder: string): boolean {
  return path === folder || path.startsWith(folder === '/' ? '/' : `${folder}/`)
}

/** Each after the one that it lies on, whatever the order in which the kernel told of them. */
export function lowestFirst(mounts: readonly MountPoint[]): readonly MountPoint[] {
  const left = new Map(mounts.map((mount) => [mount.id, mount]))
  const sorted: MountPoint[] = []
  for (const mount of mounts) {
    // What is left of what it lies on, the lowest last. Containers may stack as many as they like.
    const stack: MountPoint[] = []
    for (let next = left.get(mount.id); next !== undefined; next = left.get(next.parentId)) {
      left.delete(next.id)
      stack.push(next)
    }
    sorted.push(...stack.toReversed())
  }
  return sorted
}

/** The mount that a path lies on; `undefined` only where there is none for the root of all files. */
export function mountOf(mounts: readonly MountPoint[], path: string): MountPoint | undefined {
  const holding = mounts.filter(({ target }) => isAtOrBelow(path, target))
  const longest = Math.max(...holding.map(({ target }) => target.length))
  return lowestFirst(holding.filter(({ target }) => target.length === longest)).at(-1)
}
