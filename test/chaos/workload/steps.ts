/** What a user does to the Pods of a node while things go wrong, and what is wanted after it. Pure. */
import type { PodManifest } from '../../support/test-pod.ts'
import type { Expectation } from './expectation.ts'

export type Step =
  | { readonly kind: 'create-pod'; readonly pod: PodManifest; readonly expects: Expectation }
  /** Without `graceSeconds` with the Pod's own; 0 is what `kubectl delete --force` asks for. */
  | { readonly kind: 'delete-pod'; readonly name: string; readonly graceSeconds?: number }
  /** Another image for its first container. */
  | { readonly kind: 'set-image'; readonly name: string; readonly image: string }
  | { readonly kind: 'annotate'; readonly name: string; readonly value: string }
  /** A manifest in the folder of static Pods, new or changed. */
  | { readonly kind: 'write-manifest'; readonly pod: PodManifest }
  | { readonly kind: 'remove-manifest'; readonly name: string }
  /** A Deployment on this node, new, scaled, or with another version of its Pods. */
  | { readonly kind: 'put-deployment'; readonly name: string; readonly replicas: number; readonly version: number }
  | { readonly kind: 'delete-deployment'; readonly name: string }
  /** ConfigMap and Secret of that name. */
  | { readonly kind: 'put-data'; readonly name: string; readonly value: string }
  | { readonly kind: 'delete-data'; readonly name: string }

/** A step at its time: milliseconds after the begin of the round. */
export interface TimedStep {
  readonly atMs: number
  readonly step: Step
}

/** What must be there when all is done, and nothing else. */
export interface Wanted {
  /** Names of Pods that were created as such. */
  readonly pods: readonly string[]
  /** Names of static Pods as their manifests have them, without the node's. */
  readonly manifests: readonly string[]
  readonly deployments: Readonly<Record<string, { readonly replicas: number; readonly version: number }>>
}

export const nothingWanted: Wanted = { pods: [], manifests: [], deployments: {} }

/** What is wanted after a step, given what was before it. */
export function wantedAfter(wanted: Wanted, step: Step): Wanted {
  switch (step.kind) {
    case 'create-pod':
      return { ...wanted, pods: [...wanted.pods, step.pod.metadata.name] }
    case 'delete-pod':
      return { ...wanted, pods: wanted.pods.filter((name) => name !== step.name) }
    case 'write-manifest':
      return { ...wanted, manifests: [...new Set([...wanted.manifests, step.pod.metadata.name])] }
    case 'remove-manifest':
      return { ...wanted, manifests: wanted.manifests.filter((name) => name !== step.name) }
    case 'put-deployment': {
      const { name, replicas, version } = step
      return { ...wanted, deployments: { ...wanted.deployments, [name]: { replicas, version } } }
    }
    case 'delete-deployment': {
      const { [step.name]: _, ...others } = wanted.deployments
      return { ...wanted, deployments: others }
    }
    case 'set-image':
    case 'annotate':
    case 'put-data':
    case 'delete-data':
      return wanted
    default:
      return step satisfies never
  }
}
