import type { Pod } from '../model/kube.ts'
import { configSeenAnnotation, configSourceAnnotation } from '../model/pod.ts'
import { fnv128a } from '../util/fnv.ts'
import { isRecord } from '../util/is-record.ts'
import { rfc3339Nano } from '../util/rfc3339-nano.ts'
import type { WrittenPod } from './decode-pod.ts'

/** What makes a Pod out of a file: which node, which file, and when it was first seen. */
export interface StaticPodOrigin {
  readonly nodeName: string
  /** The manifest's absolute path. */
  readonly file: string
  readonly seenAtMs: number
}

/** The hash of the manifest; a mirror Pod carries it as `kubernetes.io/config.mirror`. */
export const configHashAnnotation = 'kubernetes.io/config.hash'

/**
 * Gives a Pod from a file its identity (applyDefaults in pkg/kubelet/config/common.go): a UID that is a hash of the
 * Pod, the node and the file, so that a changed manifest is another Pod; the node's name behind its own; namespace
 * `default`; the kubelet's annotations; and a toleration for whatever taint would evict it. Give it the Pod as it was
 * written: were it defaulted first, a new default in a new version of ours would restart every static Pod.
 */
export function staticPod(pod: WrittenPod, origin: StaticPodOrigin): Pod {
  const { metadata } = pod
  const uid = metadata.uid || manifestHash(pod, origin)
  return {
    ...pod,
    metadata: {
      ...metadata,
      // Without a name it stays without one, for validation to say so.
      name: metadata.name ? `${metadata.name}-${origin.nodeName}` : '',
      namespace: metadata.namespace || 'default',
      uid,
      annotations: {
        ...metadata.annotations,
        [configHashAnnotation]: uid,
        [configSourceAnnotation]: 'file',
        [configSeenAnnotation]: rfc3339Nano(origin.seenAtMs),
      },
    },
    spec: { ...pod.spec, nodeName: origin.nodeName, tolerations: withNoExecute(pod.spec.tolerations ?? []) },
    status: { phase: 'Pending' },
  }
}

function manifestHash(pod: WrittenPod, { nodeName, file }: StaticPodOrigin): string {
  return fnv128a(`${stableDump(pod)}host:${nodeName}file:${file}`)
}

/** JSON with sorted keys: how a manifest is laid out makes no difference. */
function stableDump(value: unknown): string {
  return JSON.stringify(value, (_key, item: unknown) =>
    isRecord(item) ? Object.fromEntries(Object.entries(item).sort(([left], [right]) => (left < right ? -1 : 1))) : item,
  )
}

type Tolerations = NonNullable<Pod['spec']['tolerations']>

function withNoExecute(tolerations: Tolerations): Tolerations {
  const isThere = tolerations.some(
    ({ key, operator, effect, value }) => !key && operator === 'Exists' && effect === 'NoExecute' && !value,
  )
  return isThere ? tolerations : [...tolerations, { operator: 'Exists', effect: 'NoExecute' }]
}
