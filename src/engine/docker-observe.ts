import { posix } from 'node:path'
import { parseKept, readAllocation, readAmounts } from '../model/allocation.ts'
import { containerId, imageId, isPlausibleUid, podUid } from '../model/ids.ts'
import { labels } from '../model/labels.ts'
import type {
  ActualResources,
  ContainerState,
  ObservedContainer,
  ObservedObject,
  ObservedOwner,
  ObservedSandbox,
} from '../model/observed.ts'
import type { EngineImage, EngineSummary, InspectedImage } from './engine.ts'
import {
  asObject,
  booleanAt,
  numberAt,
  objectAt,
  objectsAt,
  textAt,
  textsAt,
  timeAt,
  type JsonObject,
} from './docker-json.ts'

/**
 * One container of Docker's as `GET /containers/ID/json` describes it; `undefined` when it is not an object of this
 * node. The image's tags and digests are not in there: a container comes as if its image had none, see `withImage`.
 */
export function observe(container: JsonObject, node: string): ObservedObject | undefined {
  const own = objectAt(objectAt(container, 'Config'), 'Labels')
  if (textAt(own, labels.node) !== node || !isPlausibleUid(textAt(own, labels.podUid))) return undefined
  switch (textAt(own, labels.kind)) {
    case 'sandbox':
      return observeSandbox(container, own)
    case 'container':
      return observeContainer(container, own)
    default:
      return undefined
  }
}

/** The container with what its image says: its first tag, and its first repository digest (facts 2.11). */
export function withImage(container: ObservedContainer, image: EngineImage): ObservedContainer {
  const [tag] = image.tags
  const [digest] = image.digests
  return {
    ...container,
    image: tag ?? container.image,
    imageRef: digest === undefined ? container.imageRef : `docker-pullable://${digest}`,
  }
}

/** One entry of `GET /containers/json`; `undefined` when it is not an object of this node. */
export function summarize(listed: unknown, node: string): EngineSummary | undefined {
  const container = asObject(listed, 'container')
  const own = objectAt(container, 'Labels')
  const owner = ownerOf(own)
  const kind = textAt(own, labels.kind)
  if (textAt(own, labels.node) !== node || !isPlausibleUid(owner.podUid)) return undefined
  if (kind !== 'sandbox' && kind !== 'container') return undefined
  const phase = phaseOf(textAt(container, 'State'))
  const allocation = kind === 'sandbox' ? parseKept(textAt(own, labels.resources), readAllocation) : undefined
  return { id: containerId(textAt(container, 'Id')), owner, phase, ...(allocation === undefined ? {} : { allocation }) }
}

/** One image, from `GET /images/NAME/json`. */
export function inspectedImage(inspected: unknown): InspectedImage {
  const config = objectAt(asObject(inspected, 'image'), 'Config')
  return { ...observeImage(inspected), user: textAt(config, 'User') }
}

/** One image, from `GET /images/NAME/json` or an entry of `GET /images/json`. */
export function observeImage(listed: unknown): EngineImage {
  const image = asObject(listed, 'image')
  const named = (reference: string): boolean => !reference.startsWith('<none>')
  return {
    id: imageId(textAt(image, 'Id')),
    // containerd's image store lists an image that was pulled by its digest here too.
    tags: textsAt(image, 'RepoTags').filter((reference) => named(reference) && !reference.includes('@')),
    digests: textsAt(image, 'RepoDigests').filter(named),
    sizeBytes: numberAt(image, 'Size'),
  }
}

function observeSandbox(container: JsonObject, own: JsonObject): ObservedSandbox {
  const state = stateOf(container)
  const hostConfig = objectAt(container, 'HostConfig')
  return {
    kind: 'sandbox',
    id: containerId(textAt(container, 'Id')),
    owner: ownerOf(own),
    attempt: count(own, labels.attempt) ?? 0,
    createdAtMs: createdAt(container),
    state,
    hostNetwork: textAt(hostConfig, 'NetworkMode') === 'host',
    runtime: textAt(hostConfig, 'Runtime'),
    ips: state.phase === 'running' ? ipsOf(container) : [],
  }
}

function observeContainer(container: JsonObject, own: JsonObject): ObservedContainer {
  const id = imageId(textAt(container, 'Image'))
  return {
    kind: 'container',
    id: containerId(textAt(container, 'Id')),
    owner: ownerOf(own),
    name: textAt(own, labels.containerName),
    sandboxId: containerId(textAt(own, labels.sandboxId)),
    attempt: count(own, labels.attempt) ?? 0,
    hash: textAt(own, labels.hash),
    createdAtMs: createdAt(container),
    state: stateOf(container),
    resources: resourcesOf(objectAt(container, 'HostConfig')),
    ...gpusOf(objectAt(container, 'HostConfig')),
    made: parseKept(textAt(own, labels.resources), readAmounts),
    image: textAt(objectAt(container, 'Config'), 'Image'),
    imageId: id,
    imageRef: `docker://${id}`,
    terminationMessageFile: mountSource(container, textAt(own, labels.terminationMessagePath)),
    terminationMessagePolicy:
      textAt(own, labels.terminationMessagePolicy) === 'FallbackToLogsOnError' ? 'FallbackToLogsOnError' : 'File',
    terminationGracePeriodSeconds: count(own, labels.terminationGracePeriodSeconds),
  }
}

function ownerOf(own: JsonObject): ObservedOwner {
  return {
    podUid: podUid(textAt(own, labels.podUid)),
    podName: textAt(own, labels.podName),
    podNamespace: textAt(own, labels.podNamespace),
  }
}

/** A label that holds a decimal number; `undefined` when it is missing or holds something else. */
function count(own: JsonObject, label: string): number | undefined {
  const text = textAt(own, label)
  return /^\d+$/u.test(text) ? Number(text) : undefined
}

function createdAt(container: JsonObject): number {
  return timeAt(container, 'Created') ?? 0
}

/** Facts 2.11. What was started and has no end is what Docker could not run, or has begun to remove. */
function stateOf(container: JsonObject): ContainerState {
  const state = objectAt(container, 'State')
  if (booleanAt(state, 'Running')) {
    return {
      phase: 'running',
      startedAtMs: timeAt(state, 'StartedAt') ?? createdAt(container),
      pid: numberAt(state, 'Pid'),
    }
  }
  const exitCode = numberAt(state, 'ExitCode')
  const finishedAtMs = timeAt(state, 'FinishedAt')
  if (finishedAtMs === undefined && exitCode === 0 && phaseOf(textAt(state, 'Status')) === 'created') {
    return { phase: 'created' }
  }
  return {
    phase: 'exited',
    exitCode,
    cannotRun: finishedAtMs === undefined && exitCode !== 0,
    oomKilled: booleanAt(state, 'OOMKilled'),
    error: textAt(state, 'Error'),
    startedAtMs: (finishedAtMs === undefined ? undefined : timeAt(state, 'StartedAt')) ?? createdAt(container),
    finishedAtMs: finishedAtMs ?? createdAt(container),
  }
}

/** Docker notes 0 for what nobody has asked for, and a quota below that for one that was taken away. */
function gpusOf(hostConfig: JsonObject): Pick<ObservedContainer, 'gpus'> {
  const requests = objectsAt(hostConfig, 'DeviceRequests').filter((request) => textAt(request, 'Driver') === 'nvidia')
  const gpus = requests.flatMap((request) => textsAt(request, 'DeviceIDs'))
  return gpus.length === 0 ? {} : { gpus }
}

function resourcesOf(hostConfig: JsonObject): ActualResources {
  return {
    cpuShares: numberAt(hostConfig, 'CpuShares'),
    cpuQuota: Math.max(0, numberAt(hostConfig, 'CpuQuota')),
    cpuPeriod: numberAt(hostConfig, 'CpuPeriod'),
    memoryBytes: Math.max(0, numberAt(hostConfig, 'Memory')),
  }
}

/** Docker's word for a state. A paused or restarting container has its process; a dead one is on its way out. */
function phaseOf(status: string): EngineSummary['phase'] {
  switch (status) {
    case 'created':
      return 'created'
    case 'running':
    case 'paused':
    case 'restarting':
      return 'running'
    default:
      return 'exited'
  }
}

/** Every address that Docker gave the container, IPv4 first. */
function ipsOf(container: JsonObject): readonly string[] {
  const networks = Object.values(objectAt(objectAt(container, 'NetworkSettings'), 'Networks')).map((network) =>
    asObject(network, 'Networks'),
  )
  const addresses = (key: string): string[] => networks.map((network) => textAt(network, key))
  return [...addresses('IPAddress'), ...addresses('GlobalIPv6Address')].filter((address) => address !== '')
}

/** The file or folder of the host that is mounted at `path` in the container. */
function mountSource(container: JsonObject, path: string): string | undefined {
  if (path === '') return undefined
  // Docker clears paths up.
  const at = posix.resolve('/', path)
  const mount = objectsAt(container, 'Mounts').find((candidate) => textAt(candidate, 'Destination') === at)
  return mount === undefined ? undefined : textAt(mount, 'Source')
}
