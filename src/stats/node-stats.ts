import { setImmediate as turn } from 'node:timers/promises'
import type { PodUid } from '../model/ids.ts'
import type { Pod } from '../model/kube.ts'
import { sandboxContainerName } from '../model/labels.ts'
import type { ObservedPod } from '../model/observed.ts'
import type { MountedVolume } from '../translate/volumes/mounted-volume.ts'
import { within } from '../util/within.ts'
import { localFileSystem } from './disk/file-system.ts'
import type { DiskLook, PodDisks } from './disk/pod-disks.ts'
import type { ImageBytes } from './image-bytes.ts'
import type { MachineFacts } from './proc/machine-facts.ts'
import { isResourcesOnly } from './reading.ts'
import type { ContainerReading, Extent, NodeDisks, NodeReading, PodReading } from './reading.ts'
import { runningPod, type RunningContainer, type RunningPod } from './running-pods.ts'
import { sumOfRows } from './sum-rows.ts'
import type { PodDiskReading } from './texts/disk-metrics.ts'
import type { PodUsage, UsageSource } from './usage-source.ts'

/** What is known of Pods without asking anybody. */
export interface KnownPods {
  readonly uids: () => readonly PodUid[]
  readonly observed: (uid: PodUid) => ObservedPod
  /** With their newest status. */
  readonly pods: () => readonly Pod[]
  /** The volumes of a Pod that are set up, by name. */
  readonly mounted: (uid: PodUid) => ReadonlyMap<string, MountedVolume>
}

export interface NodeStatsOptions {
  readonly nodeName: string
  readonly known: KnownPods
  readonly source: UsageSource
  /** `undefined` where Docker's disks are not this host's. */
  readonly disks: PodDisks | undefined
  readonly images: ImageBytes
  readonly machine: MachineFacts
  readonly rootDirectory: string
  readonly dockerRoot: string
  /** The image of every sandbox, by its name. */
  readonly sandboxImage: string
  /** What is read for several at once ends with the agent, not with one of them. */
  readonly signal: AbortSignal
}

/** How old what is known of disks may be, and how long it is waited for. */
export interface Freshness {
  readonly maxAgeMs: number
  readonly patienceMs: number
}

/** How long who asks first waits for what is being measured on disks: on most nodes that is done by then. */
const firstLookMs = 1000
/** Reading what a hundred containers use takes some ten milliseconds: others have their turn meanwhile. */
const longestTurnMs = 4

/** Reads what the node, its Pods and their containers use. Who asks while somebody else does gets the same. */
export class NodeStats {
  readonly #options: NodeStatsOptions
  readonly #reading = new Map<Extent, Promise<NodeReading>>()

  constructor(options: NodeStatsOptions) {
    this.#options = options
  }

  /** Throws what the source throws: `aborted` when the agent ends. */
  read(extent: Extent): Promise<NodeReading> {
    const known = this.#reading.get(extent)
    if (known !== undefined) return known
    const reading = this.#read(extent).finally(() => this.#reading.delete(extent))
    this.#reading.set(extent, reading)
    return reading
  }

  /**
   * As for a summary, but with nothing of disks that is older than `maxAgeMs`, as far as that is measured within
   * `patienceMs`; or with nothing of disks at all.
   */
  readFresh(disks: Freshness | 'no-disks'): Promise<NodeReading> {
    return this.#read('summary', disks)
  }

  /** What Pods take up of disks, as far as that is measured: nothing else is read, and nobody waits. */
  podDisks(): readonly PodDiskReading[] {
    const { disks, known } = this.#options
    const look = disks?.look()
    if (look === undefined) return []
    const specs = this.#specs()
    return this.#running().map(({ owner, containers }) => {
      const spec = specs.get(owner.podUid)
      const logs = containers.flatMap(({ name, id }) => {
        const log = look.log(id)
        return log === undefined ? [] : [[name, log] as const]
      })
      const volumes = spec === undefined ? [] : look.volumes(spec, known.mounted(owner.podUid))
      return { owner, logs: new Map(logs), volumes }
    })
  }

  async #read(extent: Extent, wish?: Freshness | 'no-disks'): Promise<NodeReading> {
    const { nodeName, source, machine } = this.#options
    const running = this.#running()
    const usages = await this.#usages(running, extent)
    const isWhole = !isResourcesOnly(extent)
    const pods =
      isWhole && wish !== 'no-disks'
        ? await this.#podsWithDisks(running, usages, wish)
        : this.#pods(running, usages, undefined)
    const podRows = pods.flatMap((pod) => pod.row ?? [])
    const system = extent === 'usage' ? [] : source.system(extent, podRows)
    const row = source.node(extent) ?? sumOfRows('/', podRows)
    source.keep(running)
    return {
      atMs: Date.now(),
      nodeName,
      bootedAtMs: machine.bootedAtMs,
      row,
      system,
      pods,
      disks: isWhole && wish !== 'no-disks' ? await this.#nodeDisks() : undefined,
      interfaces: isWhole ? source.interfaces() : undefined,
      threads: isWhole ? machine.threads() : undefined,
    }
  }

  #running(): readonly RunningPod[] {
    const { uids, observed } = this.#options.known
    return uids()
      .flatMap((uid) => runningPod(observed(uid)) ?? [])
      .toSorted((one, other) => (nameOf(one) < nameOf(other) ? -1 : 1))
  }

  #specs(): ReadonlyMap<string, Pod> {
    return new Map(this.#options.known.pods().map((pod) => [pod.metadata.uid, pod]))
  }

  async #usages(running: readonly RunningPod[], extent: Extent): Promise<readonly PodUsage[]> {
    const { source, signal } = this.#options
    const usages: PodUsage[] = []
    let turnBeganAtMs = performance.now()
    for (const pod of running) {
      usages.push(await source.pod(pod, extent, signal))
      if (performance.now() - turnBeganAtMs < longestTurnMs) continue
      await turn()
      turnBeganAtMs = performance.now()
    }
    return usages
  }

  /** What nobody has asked for before is measured meanwhile, as far as that goes quickly. */
  async #podsWithDisks(
    running: readonly RunningPod[],
    usages: readonly PodUsage[],
    freshness: Freshness | undefined,
  ): Promise<readonly PodReading[]> {
    const { disks, images, signal } = this.#options
    const look = disks?.look(freshness?.maxAgeMs)
    const pods = this.#pods(running, usages, look)
    const isKnown = freshness === undefined && look?.isMissing === false && images.get() !== undefined
    if (disks === undefined || isKnown) return pods
    const others = freshness === undefined ? [images.settled()] : []
    await within(
      freshness?.patienceMs ?? firstLookMs,
      Promise.all([disks.settled(), ...others]).then(() => {}),
      signal,
    )
    return this.#pods(running, usages, disks.look())
  }

  #pods(
    running: readonly RunningPod[],
    usages: readonly PodUsage[],
    disks: DiskLook | undefined,
  ): readonly PodReading[] {
    const specs = this.#specs()
    return running.flatMap((pod, index) => {
      const usage = usages[index]
      return usage === undefined || (usage.rows.size === 0 && usage.pod === undefined)
        ? []
        : [this.#pod(pod, { usage, spec: specs.get(pod.owner.podUid), disks })]
    })
  }

  #pod(
    { owner, sandbox, containers }: RunningPod,
    {
      usage,
      spec,
      disks,
    }: { readonly usage: PodUsage; readonly spec: Pod | undefined; readonly disks: DiskLook | undefined },
  ): PodReading {
    const { known } = this.#options
    const started = spec?.status?.startTime
    return {
      owner,
      startedAtMs: started === undefined ? undefined : Date.parse(String(started)),
      sandboxStartedAtMs: sandbox?.startedAtMs,
      sandbox: sandbox && this.#container(sandbox, usage, undefined),
      containers: containers.flatMap((container) => this.#container(container, usage, disks) ?? []),
      row: usage.pod ?? sumOfRows(owner.podUid, [...usage.rows.values()]),
      hasCgroup: usage.pod !== undefined,
      processes: usage.processes,
      interfaces: usage.interfaces,
      volumes: spec === undefined ? [] : (disks?.volumes(spec, known.mounted(owner.podUid)) ?? []),
      hostsFile: disks?.hostsFile(owner.podUid),
    }
  }

  #container(
    container: RunningContainer,
    { rows, layers }: PodUsage,
    disks: DiskLook | undefined,
  ): ContainerReading | undefined {
    const { sandboxImage } = this.#options
    const { id, name, dockerName, image, startedAtMs } = container
    const row = rows.get(id)
    if (row === undefined) return undefined
    const layer = layers.get(id)
    return {
      name,
      dockerName,
      image: name === sandboxContainerName ? sandboxImage : image,
      startedAtMs,
      row,
      rootfs: layer === undefined ? undefined : disks?.layer(layer),
      log: disks?.log(id),
    }
  }

  async #nodeDisks(): Promise<NodeDisks> {
    const { disks, images, rootDirectory, dockerRoot } = this.#options
    const [node, own] = await Promise.all([
      localFileSystem(rootDirectory),
      disks === undefined ? undefined : localFileSystem(dockerRoot),
    ])
    return { node, images: own, imageBytes: images.get() }
  }
}

function nameOf({ owner }: RunningPod): string {
  return `${owner.podNamespace}/${owner.podName}`
}
