import { backOffMs, pause, type BackOffLimits } from '../cluster/back-off.ts'
import type { Cluster, Patch } from '../cluster/cluster.ts'
import { KubeletError } from '../model/errors.ts'
import type { KubeNode } from '../model/kube.ts'

export interface RegistrationOptions {
  readonly cluster: Pick<Cluster, 'createNode' | 'getNode' | 'patchNode'>
  /** The Node as it is to be created, status included. */
  readonly node: KubeNode
  /** Told of each failure and of the wait before the next try, in milliseconds. */
  readonly onFault: (error: KubeletError, retryInMs: number) => void
  readonly backOff?: BackOffLimits
}

/** As registerWithAPIServer in pkg/kubelet/kubelet_node_status.go. */
const usualBackOff: BackOffLimits = { initialMs: 100, maxMs: 7_000 }

/** The labels that the agent keeps right on a Node that was there before; any other label on it belongs to its users. */
const ownLabels = [
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'kubernetes.io/arch',
  'beta.kubernetes.io/os',
  'beta.kubernetes.io/arch',
  'topology.kubernetes.io/zone',
  'topology.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region',
  'node.kubernetes.io/instance-type',
  'beta.kubernetes.io/instance-type',
]
const attachDetachAnnotation = 'volumes.kubernetes.io/controller-managed-attach-detach'

/**
 * Creates the Node, or puts right the one that is there, and returns it as the server has it. Tries until that has
 * worked; throws only `aborted`.
 */
export async function registerNode(options: RegistrationOptions, signal: AbortSignal): Promise<KubeNode> {
  for (let failures = 1; ; failures += 1) {
    try {
      return await tryToRegister(options, signal)
    } catch (error) {
      const fault = KubeletError.from(error)
      if (signal.aborted) throw new KubeletError('aborted', 'Stopped registering the node', { cause: fault })
      const waitMs = backOffMs(failures, fault, options.backOff ?? usualBackOff, Math.random())
      options.onFault(fault, waitMs)
      await pause(waitMs, signal)
    }
  }
}

/** What has to change on a Node that was registered before, as a strategic merge patch; `undefined` if nothing does. */
export function reconciliation(existing: KubeNode, wanted: KubeNode): Patch | undefined {
  const labels = differences(existing.metadata?.labels, wanted.metadata?.labels, ownLabels)
  const annotations = differences(existing.metadata?.annotations, wanted.metadata?.annotations, [
    attachDetachAnnotation,
  ])
  if (wanted.metadata?.annotations?.[attachDetachAnnotation] === undefined) {
    // The one thing that is also taken away, so that controllers stop what the agent no longer expects of them.
    if (existing.metadata?.annotations?.[attachDetachAnnotation] !== undefined)
      annotations[attachDetachAnnotation] = null
  }
  const metadata = { ...orNothing('labels', labels), ...orNothing('annotations', annotations) }
  return Object.keys(metadata).length === 0 ? undefined : { metadata }
}

async function tryToRegister({ cluster, node }: RegistrationOptions, signal: AbortSignal): Promise<KubeNode> {
  try {
    return await cluster.createNode(node, signal)
  } catch (error) {
    // A node may be allowed to keep its Node but not to create it: then somebody else has.
    if (!KubeletError.is(error, 'conflict', 'forbidden')) throw error
    const existing = await findNode(cluster, node.metadata?.name ?? '', error, signal)
    const patch = reconciliation(existing, node)
    return patch === undefined ? existing : cluster.patchNode(node.metadata?.name ?? '', patch, signal)
  }
}

/** Throws `refusal`, the reason why the Node could not be created, when there is none. */
async function findNode(
  cluster: RegistrationOptions['cluster'],
  name: string,
  refusal: KubeletError,
  signal: AbortSignal,
): Promise<KubeNode> {
  try {
    return await cluster.getNode(name, signal)
  } catch (error) {
    throw KubeletError.is(error, 'not-found', 'forbidden') ? refusal : error
  }
}

type Values = Readonly<Record<string, string>> | undefined

function differences(existing: Values, wanted: Values, keys: readonly string[]): Record<string, string | null> {
  const changed = keys.flatMap((key) => {
    const value = wanted?.[key]
    return value === undefined || value === existing?.[key] ? [] : [[key, value] as const]
  })
  return Object.fromEntries(changed)
}

function orNothing(key: string, values: Readonly<Record<string, string | null>>): Patch {
  return Object.keys(values).length === 0 ? {} : { [key]: values }
}
