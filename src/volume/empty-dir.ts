import { access, chmod, chown, mkdir, rename } from 'node:fs/promises'

/**
 * World-writable as the kubelet's (pkg/volume/emptydir), whatever the umask; of the Pod's `fsGroup`, as is then whatever is
 * made in it. Made aside and moved into place: one that is there is complete, and its mode is the containers' own business
 * from then on.
 */
export async function makeEmptyDir(path: string, fsGroup: number | undefined): Promise<void> {
  if (await isThere(path)) return
  // Nothing else can be called so: there is no dot in the name of a volume.
  const unfinished = `${path}.new`
  await mkdir(unfinished, { recursive: true, mode: 0o750 })
  // First its group: a change of that clears the bit that hands it down.
  if (fsGroup !== undefined) await chown(unfinished, 0, fsGroup)
  await chmod(unfinished, fsGroup === undefined ? 0o777 : 0o2777)
  await rename(unfinished, path)
}

async function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}
