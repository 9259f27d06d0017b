/**
 * Where things of a Pod lie on the node: the kubelet's layout
 * (pkg/kubelet/kubelet_getters.go), under our root directory.
 */
import { join } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { isPlausibleUid } from '../model/ids.ts'
import type { PodRef } from '../model/pod.ts'

export interface NodePaths {
  /** `--root-dir`. */
  readonly root: string
  /** `/var/log/pods`. */
  readonly podLogs: string
}

export function podsDirectory(paths: NodePaths): string {
  return join(paths.root, 'pods')
}

/** Throws `invalid` for a UID that is no name of a folder. */
export function podDirectory(paths: NodePaths, uid: string): string {
  if (!isPlausibleUid(uid)) throw new KubeletError('invalid', `The Pod UID "${uid}" is no name of a folder`)
  return join(podsDirectory(paths), uid)
}

export function hostsFilePath(paths: NodePaths, uid: string): string {
  return join(podDirectory(paths, uid), 'etc-hosts')
}

/** The file that is mounted as the Pod's /etc/resolv.conf. */
export function resolvConfPath(paths: NodePaths, uid: string): string {
  return join(podDirectory(paths, uid), 'etc-resolv.conf')
}

/** Where the Pod's volumes of one kind lie. Plugin as in `kubernetes.io/empty-dir`: its slash becomes a tilde. */
export function pluginDirectory(paths: NodePaths, uid: string, plugin: string): string {
  return join(podDirectory(paths, uid), 'volumes', plugin.replaceAll('/', '~'))
}

export function volumeDirectory(paths: NodePaths, uid: string, plugin: string, volume: string): string {
  return join(pluginDirectory(paths, uid, plugin), volume)
}

/**
 * What says by a file `ready` in it that an emptyDir is set up, as the kubelet does. One that holds the files of another
 * volume is called `wrapped_<volume>`.
 */
export function volumeMarker(paths: NodePaths, uid: string, name: string): string {
  return join(podDirectory(paths, uid), 'plugins', 'kubernetes.io~empty-dir', name)
}

export function containersDirectory(paths: NodePaths, uid: string): string {
  return join(podDirectory(paths, uid), 'containers')
}

/** Which instance of a container was the last to be started. No instance has a file of that name, see below. */
export function lastStartedFile(paths: NodePaths, uid: string, container: string): string {
  return join(containersDirectory(paths, uid), container, 'last-started')
}

/** One file per instance: an instance that ended keeps its message while the next writes its own. */
export function terminationMessageFile(paths: NodePaths, uid: string, container: string, attempt: number): string {
  return join(containersDirectory(paths, uid), container, attempt.toString(16).padStart(8, '0'))
}

export function containerLogPath(paths: NodePaths, pod: PodRef, container: string, attempt: number): string {
  return join(paths.podLogs, `${pod.namespace}_${pod.name}_${pod.uid}`, container, `${attempt}.log`)
}

/** What a Pod was given that was resized, see sync/resize. */
export function resizeFile(paths: NodePaths, uid: string): string {
  return join(podDirectory(paths, uid), 'resize.json')
}

/** Where the part of a volume is shown that a container's mount of this index in its list asks for. */
export function subPathTarget(
  paths: NodePaths,
  {
    uid,
    volume,
    container,
    index,
  }: { readonly uid: string; readonly volume: string; readonly container: string; readonly index: number },
): string {
  return join(podDirectory(paths, uid), 'volume-subpaths', volume, container, String(index))
}
