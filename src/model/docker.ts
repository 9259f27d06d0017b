/**
 * The part of the Docker Engine API's `POST /containers/create` body that this agent sends, with the API's own field
 * names. translate/ builds it, engine/ posts it as it is.
 */
export type DockerMount = DockerBindMount | DockerImageMount

/** API 1.48 and later. Always read-only. */
export interface DockerImageMount {
  readonly Type: 'image'
  /** A name or id of an image that Docker has. */
  readonly Source: string
  readonly Target: string
  /** A part of the image that is there, relative. */
  readonly ImageOptions?: { readonly Subpath: string }
}

export interface DockerBindMount {
  readonly Type: 'bind'
  readonly Source: string
  readonly Target: string
  readonly ReadOnly?: boolean
  readonly BindOptions?: {
    readonly Propagation?: 'private' | 'rprivate' | 'shared' | 'rshared' | 'slave' | 'rslave'
    /** API 1.44 and later; older daemons ignore it, and mount read-only non-recursively anyway. */
    readonly ReadOnlyNonRecursive?: boolean
    /** API 1.44 and later: what is mounted beneath is read-only, too, or the container fails. */
    readonly ReadOnlyForceRecursive?: boolean
    /** API 1.42 and later: a source that is missing is made as a directory. */
    readonly CreateMountpoint?: boolean
  }
}

/** Devices that a driver of Docker's hands out, all that have one of these sets of capabilities. */
export interface DockerDeviceRequest {
  readonly Driver: string
  readonly DeviceIDs: readonly string[]
  readonly Capabilities: readonly (readonly string[])[]
}

export interface DockerPortBinding {
  readonly HostIp: string
  readonly HostPort: string
}

/** The name of a logging driver, empty for the daemon's own, and its options. */
export interface DockerLogConfig {
  readonly Type: string
  readonly Config: Readonly<Record<string, string>>
}

export interface DockerHostConfig {
  readonly NetworkMode: string
  readonly IpcMode: string
  readonly PidMode?: string
  readonly UTSMode?: string
  readonly Runtime?: string
  readonly RestartPolicy: { readonly Name: 'no' }
  readonly LogConfig?: DockerLogConfig
  readonly Mounts?: readonly DockerMount[]
  readonly PortBindings?: Readonly<Record<string, readonly DockerPortBinding[]>>
  readonly ShmSize?: number
  readonly CpuShares?: number
  /** Microseconds, as is the quota. */
  readonly CpuPeriod?: number
  readonly CpuQuota?: number
  /** Bytes; of memory and swap together in `MemorySwap`. */
  readonly Memory?: number
  readonly MemorySwap?: number
  readonly CgroupParent?: string
  readonly DeviceRequests?: readonly DockerDeviceRequest[]
  readonly OomScoreAdj?: number
  readonly SecurityOpt?: readonly string[]
  readonly CapAdd?: readonly string[]
  readonly CapDrop?: readonly string[]
  readonly GroupAdd?: readonly string[]
  readonly Privileged?: boolean
  readonly ReadonlyRootfs?: boolean
  /** Left out, Docker's own lists; an empty one is none. */
  readonly MaskedPaths?: readonly string[]
  readonly ReadonlyPaths?: readonly string[]
  readonly Sysctls?: Readonly<Record<string, string>>
}

/**
 * What Docker changes of a container while it is there (`POST /containers/ID/update`). To Docker, what is left out or 0
 * stays as it is; a quota of -1 is none. `Memory` and `MemorySwap` go together.
 */
export type DockerResources = Pick<DockerHostConfig, 'CpuShares' | 'CpuPeriod' | 'CpuQuota' | 'Memory' | 'MemorySwap'>

export interface DockerCreateBody {
  readonly Image: string
  readonly Hostname?: string
  readonly Entrypoint?: readonly string[]
  readonly Cmd?: readonly string[]
  readonly Env?: readonly string[]
  readonly WorkingDir?: string
  readonly User?: string
  readonly OpenStdin?: boolean
  readonly StdinOnce?: boolean
  readonly Tty?: boolean
  readonly StopSignal?: string
  readonly Healthcheck?: { readonly Test: readonly ['NONE'] }
  readonly ExposedPorts?: Readonly<Record<string, Readonly<Record<string, never>>>>
  readonly Labels: Readonly<Record<string, string>>
  readonly HostConfig: DockerHostConfig
}

/** A create request: the unique name that makes creation idempotent, and the body. */
export interface DockerCreateRequest {
  readonly name: string
  readonly body: DockerCreateBody
}
