import type PQueue from 'p-queue'
import type { ClusterObjects } from '../cluster/objects/cluster-objects.ts'
import type { PodCgroups } from '../cgroup/pod-cgroups.ts'
import type { PullCredentials } from '../credentials/pull-credentials.ts'
import type { PullRecords } from '../credentials/records/pull-records.ts'
import type { Engine, EngineInfo } from '../engine/engine.ts'
import type { PodUid } from '../model/ids.ts'
import type { KubeNode } from '../model/kube.ts'
import type { LogRotation } from '../model/log-rotation.ts'
import type { PodEventSink } from '../model/pod-event.ts'
import type { NodePaths } from '../translate/paths.ts'
import type { ResolvConf } from '../translate/resolv-conf.ts'
import type { LogLinks } from '../volume/log-links.ts'
import type { PodFiles } from '../volume/pod-files.ts'
import type { ImageVolumes } from '../volume/image-volumes.ts'
import type { PodVolumes } from '../volume/pod-volumes.ts'
import type { GpuLedger } from './gpu-ledger.ts'
import type { ImagePuller } from './images/image-puller.ts'
import type { ObservedPods } from './observed-pods.ts'
import type { PodProbes } from '../probe/pod-probes.ts'
import type { ResizeRecords } from './resize/resize-records.ts'
import type { StatusSink } from './reporting/status-sink.ts'

/** What every worker works with; made once, by the composition root. */
export interface SyncContext {
  readonly nodeName: string
  /** The Kubernetes release whose rules the agent follows, `1.36`: what it calls itself where it asks containers. */
  readonly kubernetesRelease: string
  /** What Docker said of itself and its host when the agent connected. */
  readonly daemon: EngineInfo
  /** The Node as the API server has it, as far as is known; before that, as the agent will register it. */
  readonly node: () => KubeNode
  /** Whether some source has the Pod: for one that is removed, has it anew. */
  readonly isWanted: (uid: PodUid) => boolean
  /** The node's addresses, primary first. */
  readonly nodeIps: readonly string[]
  readonly paths: NodePaths
  /** Docker's network of the Pods. */
  readonly network: string
  readonly clusterDomain: string
  readonly clusterDns: readonly string[]
  /** The node's resolver configuration, read when a sandbox is made: it may change under us. `undefined` for none. */
  readonly hostDns: () => Promise<ResolvConf | undefined>
  readonly engine: Engine
  readonly observed: ObservedPods
  readonly images: ImagePuller
  /** What Pods refer to in the API server; `undefined` without one. */
  readonly objects: ClusterObjects | undefined
  readonly credentials: PullCredentials
  readonly records: PullRecords
  readonly resizes: ResizeRecords
  readonly files: PodFiles
  readonly volumes: PodVolumes
  readonly imageVolumes: ImageVolumes
  readonly logLinks: LogLinks
  readonly probes: PodProbes
  readonly statuses: StatusSink
  readonly emit: PodEventSink
  /** Makes sure that Docker has the pause image and returns its reference. */
  readonly sandboxImage: (signal: AbortSignal) => Promise<string>
  /** The OCI runtime for containers that join a UTS namespace; `undefined` where the daemon does not have it. */
  readonly utsRuntime: string | undefined
  readonly cgroups: PodCgroups
  readonly gpus: GpuLedger
  /** The period of CPU limits in microseconds; `undefined` where they are not enforced. */
  readonly cpuPeriodUs: number | undefined
  /** Who asks for no seccomp profile gets Docker's own. */
  readonly seccompDefault: boolean
  /** `undefined` where the logs of containers are left to how Docker is set. */
  readonly logRotation: LogRotation | undefined
  /** Files of the host's CPUs that containers do not see, see translate/security/proc-mount. */
  readonly throttlePaths: readonly string[]
  /** Bounds how many containers are made and started side by side on this node. */
  readonly starts: PQueue
  /**
   * Bounds how many containers are removed, and sandboxes stopped, side by side. Stop signals to containers never wait for
   * it: they are what ends a Pod, and the rest is clearing away.
   */
  readonly ends: PQueue
  /** How many instances of a container are kept besides the newest. */
  readonly keptInstances: number
  /** How long a CrashLoopBackOff grows at most, in milliseconds. */
  readonly maxCrashLoopMs: number
  /** A Pod is looked at again after this time, or up to half as much more, even if nothing happened. In milliseconds. */
  readonly resyncMs: number
}
