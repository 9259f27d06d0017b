import type { ContainerSpec, DataObject, DataObjectRef, Pod } from '../../model/kube.ts'
import { allContainers } from '../../model/pod.ts'

type EnvSource = NonNullable<ContainerSpec['envFrom']>[number]
type EnvVar = NonNullable<ContainerSpec['env']>[number]

/** The ConfigMap or the Secret of an entry of `envFrom`; without a name it is none. */
export function sourceRef({ metadata: { namespace } }: Pod, source: EnvSource): DataObjectRef | undefined {
  if (source.configMapRef) return { kind: 'ConfigMap', namespace, name: source.configMapRef.name ?? '' }
  if (source.secretRef) return { kind: 'Secret', namespace, name: source.secretRef.name ?? '' }
  return undefined
}

/** That of a variable; one that has a value of its own is looked up nowhere. */
export function variableRef({ metadata: { namespace } }: Pod, { value, valueFrom }: EnvVar): DataObjectRef | undefined {
  if (value) return undefined
  const { configMapKeyRef, secretKeyRef } = valueFrom ?? {}
  if (configMapKeyRef) return { kind: 'ConfigMap', namespace, name: configMapKeyRef.name ?? '' }
  if (secretKeyRef) return { kind: 'Secret', namespace, name: secretKeyRef.name ?? '' }
  return undefined
}

/** Everything that a container's environment takes from the API server by name, each once. */
export function environmentRefs(pod: Pod, { env = [], envFrom = [] }: ContainerSpec): readonly DataObjectRef[] {
  const refs = [...envFrom.map((source) => sourceRef(pod, source)), ...env.map((each) => variableRef(pod, each))]
  return distinct(refs.filter((ref) => ref !== undefined))
}

/** The same of all its containers. */
export function podEnvironmentRefs(pod: Pod): readonly DataObjectRef[] {
  return distinct(allContainers(pod).flatMap((container) => environmentRefs(pod, container)))
}

/** Tells one object from all others. */
export function dataKey({ kind, namespace, name }: DataObjectRef): string {
  return `${kind} ${namespace}/${name}`
}

/** What stands under a key, as text; a ConfigMap's `binaryData` is no text. */
export function dataText(ref: DataObjectRef, { data }: DataObject, key: string): string | undefined {
  const value = data?.[key]
  return value === undefined || ref.kind === 'ConfigMap' ? value : Buffer.from(value, 'base64').toString()
}

function distinct(refs: readonly DataObjectRef[]): readonly DataObjectRef[] {
  return [...new Map(refs.map((ref) => [dataKey(ref), ref])).values()]
}
