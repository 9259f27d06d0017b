import { posix } from 'node:path'
import type { Pod } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'

/**
 * Where containers mount something in the middle of this volume, by the path in it: containers can't make a mount point in
 * what they only read (getNestedMountpoints in pkg/volume/util/nested_volumes.go). What lies below another of them is the
 * other's to have.
 */
export function nestedMountPoints(pod: Pod, volumeName: string): readonly string[] {
  const nested = allContainers(pod).flatMap(({ volumeMounts = [] }): readonly string[] => {
    const mounts = volumeMounts.map(({ name, mountPath }) => ({ name, at: posix.join('/', mountPath, '/') }))
    return mounts
      .filter(({ name }) => name === volumeName)
      .flatMap(({ at: outer }) =>
        outermost(
          mounts.map(({ at }) => at).filter((at) => isBelow(at, outer)),
          outer,
        ),
      )
  })
  return [...new Set(nested)].toSorted()
}

/** Relative to `outer`. */
function outermost(inner: readonly string[], outer: string): readonly string[] {
  return inner.filter((at) => !inner.some((other) => isBelow(at, other))).map((at) => at.slice(outer.length, -1))
}

function isBelow(path: string, folder: string): boolean {
  return path !== folder && path.startsWith(folder)
}
