import type { FileHandle } from 'node:fs/promises'

/** One line of /proc/self/mountinfo (proc_pid_mountinfo(5)), as far as the agent goes by it. */
export interface MountPoint {
  /** The kernel's number of the mount, and of the one that it is mounted on. */
  readonly id: number
  readonly parentId: number
  /** `major:minor` of the file system. */
  readonly device: string
  /** Which folder or file of its file system is mounted; `/` for the whole of it. */
  readonly root: string
  /** Where it is mounted, an absolute path. */
  readonly target: string
  /** Of this mount: `rw`, `nosuid`, … */
  readonly options: readonly string[]
  /** Of the file system, whoever mounts it: `size=1024k`, … */
  readonly superOptions: readonly string[]
  /** Mounts beneath it show wherever else it is mounted; `true` for a shared mount. */
  readonly isShared: boolean
  /** `tmpfs`, `ext4`, `nfs4`, … */
  readonly type: string
  readonly source: string
}

/** A file system that is to be mounted. */
export interface MountRequest {
  /** `tmpfs`, `hugetlbfs`, `nfs`, …: what `mount -t` takes. */
  readonly type: string
  readonly source: string
  /** A folder below the root directory. */
  readonly target: string
  /** What `mount -o` takes, one option each. */
  readonly options: readonly string[]
}

/**
 * The kernel's mounts below the agent's root directory. Targets are absolute paths below it, none of their parts a link;
 * any other is `invalid`, and one that turns out to lie elsewhere is a `conflict`: nothing is ever mounted or unmounted
 * outside. Every method throws `KubeletError` only, `forbidden` where the agent may not mount.
 */
export interface Mounts {
  /**
   * What is mounted at or below a folder, each mount after the one that it lies on, so that what comes last is unmounted
   * first. Nothing for a folder that does not exist. Costs no process.
   */
  below(folder: string): Promise<readonly MountPoint[]>

  /**
   * Mounts a file system; what lies on the target is hidden. Throws `invalid` with what mount(8) said, in the kubelet's
   * words, and `not-found` where there is no target.
   */
  mount(request: MountRequest, signal: AbortSignal): Promise<void>

  /**
   * Shows a folder or file, by its path or as `/proc/<pid>/fd/<n>`, a second time at `target`, which is of the same kind;
   * what is mounted beneath it comes along with `recursive`. Throws as `mount` does; nothing is mounted then.
   */
  bind(source: string, target: string, options: BindOptions, signal: AbortSignal): Promise<void>

  /**
   * True where what containers find at `target` is just what is open here, and no other file or folder: it is bound there.
   * False where nothing is, too.
   */
  shows(opened: FileHandle, target: string): Promise<boolean>

  /**
   * Unmounts what lies on top at `target`. Nothing being mounted there is success, and costs no process. Throws `conflict`
   * where it is in use. Without a signal it is waited for until it is done.
   */
  unmount(target: string, signal?: AbortSignal): Promise<void>

  /**
   * Lets mounts below the root directory show in containers that ask for them (`mountPropagation`): makes it a shared
   * mount, onto itself, unless it lies on one.
   */
  shareRoot(signal: AbortSignal): Promise<void>

  /**
   * Undoes `shareRoot`; a mount that somebody else has made there stays, as does one on which something is mounted still:
   * `conflict` then.
   */
  unshareRoot(): Promise<void>
}

export interface BindOptions {
  readonly readOnly?: boolean
  readonly recursive?: boolean
  /** What else `mount -o` takes for one place where a file system is shown: `noexec`, `noatime`, … */
  readonly options?: readonly string[]
}
