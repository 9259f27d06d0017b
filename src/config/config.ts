/** What the agent was told: flags, the --config file and defaults, merged and checked by load-config. */
import type { EvictionThreshold } from '../model/eviction-threshold.ts'
import type { LogRotation } from '../model/log-rotation.ts'
import type { VerificationPolicy } from '../model/verification-policy.ts'
import type { TlsVersionName } from '../util/tls-names.ts'

/** A taint as `--register-with-taints` gives it. */
export interface TaintConfig {
  readonly key: string
  /** Empty when the taint has no value. */
  readonly value: string
  readonly effect: TaintEffect
}

export const taintEffects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const
export type TaintEffect = (typeof taintEffects)[number]

export const logFormats = ['auto', 'json', 'pretty'] as const
/** `auto`: readable on a terminal, JSON elsewhere. */
export type LogFormat = (typeof logFormats)[number]

export type CgroupDriver = 'cgroupfs' | 'systemd'

/** What `--enforce-node-allocatable` may name. */
export const enforcementNames = [
  'pods',
  'system-reserved',
  'kube-reserved',
  'system-reserved-compressible',
  'kube-reserved-compressible',
  'none',
] as const
export type Enforcement = (typeof enforcementNames)[number]

/** How Pods are kept within what they may have, beyond what Docker does for each container. */
export interface CgroupConfig {
  /** Whether each Pod has a cgroup. Default: true. */
  readonly perQos: boolean
  /** The cgroup below which that of all Pods is made. Default: `/`. */
  readonly root: string
  /** As it was given; Docker's own is used. Default: none. */
  readonly driver: CgroupDriver | undefined
  /** Processes in a Pod; `undefined` for no limit. Default: none. */
  readonly podPidsLimit: number | undefined
  /** Default: `pods`. */
  readonly enforced: readonly Enforcement[]
  /** The cgroups that what is reserved is enforced on; empty for none. Default: empty. */
  readonly systemReservedCgroup: string
  readonly kubeReservedCgroup: string
  /** Default: false; not asked for with cgroups of version 1. */
  readonly singleProcessOomKill: boolean
}

/** When the node is short of something, and what follows. */
export interface EvictionConfig {
  /** What was said of signals, by their names, the default hard thresholds included where they stand. */
  readonly hard: Readonly<Record<string, string>>
  readonly soft: Readonly<Record<string, string>>
  readonly softGracePeriod: Readonly<Record<string, string>>
  readonly minimumReclaim: Readonly<Record<string, string>>
  /** Whether default hard thresholds stand beside those that were given. Default: false. */
  readonly mergesDefaults: boolean
  /** All that follows from that: the hard ones, the soft ones, and those of what Pods may use together. */
  readonly thresholds: readonly EvictionThreshold[]
  /** Whether what hard thresholds keep back is for Pods all the same. Default: false. */
  readonly ignoresForAllocatable: boolean
  /** The hard ones, or else none: what they keep back is not for Pods. */
  readonly reserved: readonly EvictionThreshold[]
  /** How long a condition stays after it was seen last. Default: 5 min. */
  readonly pressureTransitionMs: number
  /** The most that a Pod gets to end when a soft threshold is crossed. Default: 0, which means a second. */
  readonly maxPodGraceSeconds: number
  /** Whether memory is looked at more often the nearer it is to a threshold. Default: false. */
  readonly watchesMemory: boolean
  /** Whether Pods are held to what they may have of the disk. Default: true. */
  readonly isolatesLocalStorage: boolean
}

/** Whom the agent shows itself as. */
export interface CertificateConfig {
  /** Where certificates and keys are kept. Default: `pki` below the root directory. */
  readonly folder: string
  /** Path of the kubeconfig with which a node without a certificate asks for one. Default: none. */
  readonly bootstrapKubeconfig: string | undefined
  /** Whether the node's certificate for the API server is renewed. Default: false. */
  readonly rotateClient: boolean
  /** Whether the cluster is asked for the serving certificate. Default: false. */
  readonly requestServing: boolean
  /** Paths of a serving certificate that somebody else keeps. Default: none. */
  readonly servingFiles: { readonly certificate: string; readonly key: string } | undefined
  /** Default: `VersionTLS12`. */
  readonly minVersion: TlsVersionName
  /** Go's names; empty for the usual ones. */
  readonly cipherSuites: readonly string[]
}

export const authorizationModes = ['AlwaysAllow', 'Webhook'] as const
export type AuthorizationMode = (typeof authorizationModes)[number]

/** Who may come in on the HTTPS port. */
export interface ServerAuthConfig {
  /** Whether who shows no credentials is let in as `system:anonymous`. Default: false. */
  readonly anonymous: boolean
  /** Whether the API server is asked whose a bearer token is. Default: true with an API server. */
  readonly tokenWebhook: boolean
  /** How long a token that is known needs no other question. Default: 2 min. */
  readonly tokenCacheTtlMs: number
  /** Default: Webhook with an API server, AlwaysAllow without. */
  readonly mode: AuthorizationMode
  /** How long a yes and a no of the API server need no other question. Default: 5 min, 30 s. */
  readonly authorizedTtlMs: number
  readonly unauthorizedTtlMs: number
}

/** What is shown on the HTTPS port, and to whom. */
export interface ServerConfig {
  readonly auth: ServerAuthConfig
  /** Whether anything but health, Pods, stats and metrics is served. Default: true. */
  readonly debuggingHandlers: boolean
  /** Whether, with those, `/logs/`, `/debug/pprof` and `/debug/flags/v` are. Default: true. */
  readonly systemLogHandler: boolean
  readonly profilingHandler: boolean
  readonly debugFlagsHandler: boolean
  /** A stream on which nothing moves for so long is closed; 0 for never. Default: 4 h. */
  readonly streamingIdleMs: number
}

/**
 * Everything that may differ between two agents. `undefined` means "not given" where no default makes sense. Names that
 * end in `Ms` are milliseconds.
 */
export interface KubeletConfig {
  /** Name of the Node object and the owner of everything that we make in Docker. Default: the host's name, lower-cased. */
  readonly nodeName: string
  /** The node's addresses, at most one per family, the main one first. Default: none, they are found out. */
  readonly nodeIps: readonly string[]
  /** Path of the kubeconfig. Default: none, which is standalone mode: static Pods only, no API server. */
  readonly kubeconfig: string | undefined
  /** Folder of manifests, or one manifest, of static Pods. Default: none. */
  readonly manifestPath: string | undefined
  /** How often the manifests are looked at even when nothing was heard. Default: 20 s. */
  readonly fileCheckFrequencyMs: number

  /** Everything that the agent keeps on disk lies below it. Default: `/var/lib/minikubelet`. */
  readonly rootDir: string
  /** Folder of the links by which log collectors find the logs of Pods. Default: `/var/log/pods`. */
  readonly podLogsDir: string
  /** The same by the names of containers, all in one folder. Default: `/var/log/containers`. */
  readonly containerLogsDir: string
  /**
   * Where Docker answers: `unix://`, `tcp://`, `http://`, `https://` or `ssh://`. Default: $DOCKER_HOST, else
   * `unix:///var/run/docker.sock`.
   */
  readonly dockerHost: string
  /**
   * Folder with `ca.pem`, `cert.pem` and `key.pem` for Docker over TLS; given by $DOCKER_CERT_PATH, and
   * used with $DOCKER_TLS_VERIFY.
   */
  readonly dockerCertPath: string | undefined
  /** Image of the sandboxes. Default: none, the agent's own pause image. */
  readonly podInfraContainerImage: string | undefined

  /** Docker's network of the Pods, by name or id; `default` is its usual bridge. */
  readonly network: string
  /** Name servers of Pods with dnsPolicy ClusterFirst. Default: none. */
  readonly clusterDns: readonly string[]
  /** The cluster's DNS domain, searched first by Pods with dnsPolicy ClusterFirst. Default: empty, none. */
  readonly clusterDomain: string
  /** Resolver file that Pods inherit; empty for none. Default: `/etc/resolv.conf`. */
  readonly resolvConf: string

  /** Whether the agent creates its Node object. Default: true. */
  readonly registerNode: boolean
  readonly nodeLabels: Readonly<Record<string, string>>
  /** Taints of a Node object that this agent creates. Default: none. */
  readonly registerWithTaints: readonly TaintConfig[]
  /** `spec.providerID` of the Node object that this agent creates. Default: none. */
  readonly providerId: string | undefined
  /** How many Pods may run at once. Default: 110. */
  readonly maxPods: number
  /** How many Pods may run at once for each CPU, within `maxPods`; 0 for no such limit. Default: 0. */
  readonly podsPerCore: number
  /** Quantities of `cpu`, `memory`, `ephemeral-storage` and `pid` that are not for Pods. Default: none. */
  readonly systemReserved: Readonly<Record<string, string>>
  readonly kubeReserved: Readonly<Record<string, string>>
  /**
   * The period, in microseconds, within which limits of CPU are counted; `undefined` where they are
   * not enforced. Default: 100 ms.
   */
  readonly cpuPeriodUs: number | undefined
  readonly cgroups: CgroupConfig
  readonly eviction: EvictionConfig
  /** How many images the Node object names, −1 for all. Default: 50. */
  readonly nodeStatusMaxImages: number
  /** How often the node's status is computed; it is sent when it changed. Default: 10 s. */
  readonly nodeStatusUpdateFrequencyMs: number
  /** How often the node's status is sent even if nothing changed. Default: 5 min. */
  readonly nodeStatusReportFrequencyMs: number
  /** Life of the node's lease in seconds; it is renewed after a quarter of that. Default: 40. */
  readonly nodeLeaseDurationSeconds: number

  /** Names of sysctls that Pods may set besides the safe ones, or what those begin with and a `*`. Default: none. */
  readonly allowedUnsafeSysctls: readonly string[]
  /** Containers that ask for no seccomp profile get Docker's own. Default: false. */
  readonly seccompDefault: boolean
  /** What Docker keeps of the log of a container; `undefined` for what it is set to. Default: 5 files of 10 MiB. */
  readonly logRotation: LogRotation | undefined
  /** A Pod is looked at again after this time (up to half more) even if nothing happened. Default: 1 min. */
  readonly syncFrequencyMs: number
  /** How long the back-off of a crashing container may grow. Default: 5 min. */
  readonly maxContainerRestartPeriodMs: number
  /** Image pulls at the same time; `undefined` for no bound. Default: 1. */
  readonly maxParallelImagePulls: number | undefined
  /** Image pulls per second, 0 for no limit. Default: 5. */
  readonly registryQps: number
  /** Image pulls that may come at once above that. Default: 10. */
  readonly registryBurst: number
  /** Which images on the machine Pods may use without the credentials that they were pulled with. */
  readonly imageVerification: VerificationPolicy
  /** A call that Docker should answer at once has failed after this time. Default: 2 min. */
  readonly runtimeRequestTimeoutMs: number
  /** A pull of which nothing new is heard for so long is ended. Default: 1 min. */
  readonly pullProgressDeadlineMs: number
  /** What is kept of what ended, and of images. */
  readonly garbage: GarbageConfig
  /** How long Pods have when the machine shuts down. */
  readonly shutdown: ShutdownConfig
  /** Events per second sent to the API server, 0 for no limit. Default: 50. */
  readonly eventQps: number
  /** Events that may come at once above that. Default: 100. */
  readonly eventBurst: number

  /** Port of the HTTPS API, 0 for none. Default: 10250. */
  readonly port: number
  /** Certificates that vouch for clients of it; `undefined` for the authority of the kubeconfig's cluster. */
  readonly clientCaFile: string | undefined
  readonly certificates: CertificateConfig
  /** Port of `/healthz`, 0 for none. Default: 10248. */
  readonly healthzPort: number
  /** Default: `127.0.0.1`. */
  readonly healthzBindAddress: string
  /** Port without authentication that shows `/pods`, 0 for none. Default: 0. */
  readonly readOnlyPort: number
  /** Address of the HTTPS API and of the read-only port. Default: `0.0.0.0`. */
  readonly address: string

  readonly server: ServerConfig

  /** How readily the kernel kills the agent itself when memory runs out. Default: −999. */
  readonly oomScoreAdj: number
  /** 0 is what an operator wants to know, 4 debugging, 6 everything. Default: 0. */
  readonly verbosity: number
  readonly logFormat: LogFormat
  /** On exit, end this node's Pods and remove what the agent made, rather than leave them running. Default: false. */
  readonly cleanupOnExit: boolean
}

/** See the settings of these names. Times are milliseconds. */
export interface GarbageConfig {
  readonly containers: { readonly minAgeMs: number; readonly perContainer: number; readonly total: number }
  readonly images: {
    readonly highPercent: number
    readonly lowPercent: number
    readonly minAgeMs: number
    readonly maxAgeMs: number
  }
  readonly scope: 'pods' | 'all'
}

export interface ShutdownConfig {
  /** 0 for no graceful shutdown, unless there are periods. */
  readonly graceMs: number
  /** The last part of it. */
  readonly criticalGraceMs: number
  /** Instead of both; empty where there are none. */
  readonly periods: readonly { readonly priority: number; readonly seconds: number }[]
}
