/**
 * Where a cgroup lies: its path below the root of each hierarchy, by controller, as `/proc/<pid>/cgroup` of a process in it
 * says. `unified` is version 2's own. A controller that is not named has the path of all.
 */
export interface CgroupPlace {
  readonly path: string
  readonly others: ReadonlyMap<string, string>
}

/** The same path in every hierarchy. */
export function placeAt(path: string): CgroupPlace {
  return { path, others: new Map() }
}

/** Reads `4:memory:/docker/1234` and, of version 2, `0::/docker/1234`. `path` is that of the CPU, or of version 2. */
export function parsePlace(text: string): CgroupPlace | undefined {
  const paths = new Map<string, string>()
  for (const line of text.split('\n')) {
    const [, controllers, path] = /^\d+:([^:]*):(\/.*)$/u.exec(line) ?? []
    if (controllers === undefined || path === undefined) continue
    for (const name of controllers === '' ? ['unified'] : controllers.split(',')) paths.set(name, path)
  }
  const path = paths.get('cpu') ?? paths.get('unified')
  if (path === undefined) return undefined
  return { path, others: new Map([...paths].filter(([, other]) => other !== path)) }
}

export function pathOf({ path, others }: CgroupPlace, controller: string): string {
  return others.get(controller) ?? path
}

/** The cgroup that this one stands in. */
export function parentPlace({ path, others }: CgroupPlace): CgroupPlace {
  return { path: parentPath(path), others: new Map([...others].map(([name, other]) => [name, parentPath(other)])) }
}

/** True for the cgroup of a Pod, by either driver: systemd's units have no dash of their own in a name. */
export function isPodPlace({ path }: CgroupPlace, uid: string): boolean {
  const name = path.slice(path.lastIndexOf('/') + 1)
  return name === `pod${uid}` || name.endsWith(`-pod${uid.replaceAll('-', '_')}.slice`)
}

function parentPath(path: string): string {
  return path.slice(0, path.lastIndexOf('/')) || '/'
}
