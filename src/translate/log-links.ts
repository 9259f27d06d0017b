/**
 * Where log collectors look for what containers write, as behind the kubelet: a link for each instance, by its number, in a
 * folder of its Pod's, and beside that one by all its names in one folder for the node (pkg/kubelet/kuberuntime: helpers.go,
 * legacy.go). Both lead to the file that Docker writes.
 */
import { basename, join } from 'node:path'
import type { ContainerId } from '../model/ids.ts'
import type { ObservedContainer } from '../model/observed.ts'

export interface LogFolders {
  /** `/var/log/pods`. */
  readonly podLogs: string
  /** `/var/log/containers`. */
  readonly containerLogs: string
}

/** An instance of a container, by all that its links are named for. */
export type LoggedContainer = Pick<ObservedContainer, 'id' | 'owner' | 'name' | 'attempt'>

/** A name of a file is no longer on ext4. */
const longestName = 255
const suffix = '.log'
const dockerSuffix = '-json.log'

/** What Docker's json-file driver writes to, below its data root. */
export function dockerLogFile(dataRoot: string, id: ContainerId): string {
  return join(dataRoot, 'containers', id, `${id}${dockerSuffix}`)
}

/** The container whose log a file of Docker's is; `undefined` for any other file. */
export function containerOfLogFile(path: string): string | undefined {
  return /^([0-9a-f]{64})-json\.log$/u.exec(basename(path))?.[1]
}

/** `<namespace>_<name>_<uid>`: no name has an underscore. */
export function podLogFolderName({ podNamespace, podName, podUid }: LoggedContainer['owner']): string {
  return `${podNamespace}_${podName}_${podUid}`
}

export function podLogLink({ podLogs }: LogFolders, { owner, name, attempt }: LoggedContainer): string {
  return join(podLogs, podLogFolderName(owner), name, `${attempt}${suffix}`)
}

/** The link by all names, cut where that is more than a file can be called: the id may be cut off. */
export function containerLogLink(
  { containerLogs }: LogFolders,
  {
    owner,
    name,
    id,
  }: {
    readonly owner: Pick<LoggedContainer['owner'], 'podName' | 'podNamespace'>
    readonly name: string
    readonly id: string
  },
): string {
  const whole = `${owner.podName}_${owner.podNamespace}_${name}-${id}`
  return join(containerLogs, `${whole.slice(0, longestName - suffix.length)}${suffix}`)
}

/** The container whose link by all names this is; the end of the name where the id was cut off. */
export function containerOfLink(fileName: string): string {
  return fileName.slice(fileName.lastIndexOf('-') + 1, -suffix.length)
}

/**
 * Whether these can be names of folders. They come from labels, and an image can bring labels with whatever in them: nothing
 * may lead out of the folders.
 */
export function hasPlausibleNames({ owner, name }: Pick<LoggedContainer, 'owner' | 'name'>): boolean {
  return [owner.podNamespace, owner.podName, owner.podUid, name].every((text) =>
    /^[A-Za-z0-9][-.A-Za-z0-9]*$/u.test(text),
  )
}
