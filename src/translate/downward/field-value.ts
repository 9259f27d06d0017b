import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, Pod } from '../../model/kube.ts'
import { goQuote } from '../../util/go-quote.ts'
import { qualifiedNameFault } from '../../util/names.ts'

/** A field of the Pod, as a variable or a file names it. */
export interface FieldRef {
  readonly apiVersion?: string
  readonly fieldPath: string
}

/** What of the fields is not in the Pod's spec: addresses, the primary one first. */
export interface FieldFacts {
  readonly hostIps: readonly string[]
  readonly podIps: readonly string[]
}

/**
 * The value of one of the Pod's own fields (podFieldSelectorRuntimeValue in pkg/kubelet/kubelet_pods.go,
 * pkg/fieldpath). A label or an annotation that is not there is empty. Throws `invalid` for a field that is none of those.
 */
export function fieldValue({ apiVersion = 'v1', fieldPath }: FieldRef, pod: Pod, facts: FieldFacts): string {
  if (apiVersion !== 'v1') throw new KubeletError('invalid', `unsupported pod version: ${apiVersion}`)
  const told = ofMetadata(fieldPath, pod)
  if (told !== undefined) return told
  if (memberOf(fieldPath) !== undefined) {
    throw new KubeletError('invalid', `field label does not support subscript: ${fieldPath}`)
  }
  const { spec } = pod
  switch (fieldPath) {
    case 'spec.nodeName':
    case 'spec.host':
      return spec.nodeName ?? ''
    case 'spec.serviceAccountName':
      return spec.serviceAccountName ?? ''
    case 'status.hostIP':
      return facts.hostIps[0] ?? ''
    case 'status.hostIPs':
      return facts.hostIps.join(',')
    case 'status.podIP':
      return facts.podIps[0] ?? ''
    case 'status.podIPs':
      return facts.podIps.join(',')
    case 'spec.restartPolicy':
    case 'spec.schedulerName':
    case 'status.phase':
      throw new KubeletError('invalid', `unsupported fieldPath: ${fieldPath}`)
    default:
      throw new KubeletError('invalid', `field label not supported: ${fieldPath}`)
  }
}

/**
 * The same for a file in a volume, which tells of the Pod's metadata only (ExtractFieldPathAsString in
 * pkg/fieldpath/fieldpath.go).
 */
export function metadataValue(fieldPath: string, pod: Pod): string {
  const told = ofMetadata(fieldPath, pod)
  if (told !== undefined) return told
  const fault =
    memberOf(fieldPath) === undefined
      ? `unsupported fieldPath: ${fieldPath}`
      : `fieldPath ${goQuote(fieldPath)} does not support subscript`
  throw new KubeletError('invalid', fault)
}

/** True for a container with a variable that nobody knows before the Pod has its address. */
export function namesPodIp({ env = [] }: ContainerSpec): boolean {
  return env.some(({ value, valueFrom }) => !value && /^status\.podIPs?$/u.test(valueFrom?.fieldRef?.fieldPath ?? ''))
}

/** An entry of the labels or annotations. */
export interface Member {
  readonly path: string
  readonly key: string
}

/** `metadata.labels['key']` in its two parts; `undefined` for a path without a key. */
export function memberOf(fieldPath: string): Member | undefined {
  const [, path, key] = /^(.+?)\['(.*)'\]$/su.exec(fieldPath) ?? []
  return path === undefined || key === undefined ? undefined : { path, key }
}

/** `undefined` for what is not of the Pod's metadata. */
function ofMetadata(fieldPath: string, { metadata }: Pod): string | undefined {
  const { path, key } = memberOf(fieldPath) ?? { path: fieldPath, key: undefined }
  switch (path) {
    case 'metadata.labels':
      if (key === undefined) return mapText(metadata.labels)
      requireName(fieldPath, key)
      return metadata.labels?.[key] ?? ''
    case 'metadata.annotations':
      if (key === undefined) return mapText(metadata.annotations)
      requireName(fieldPath, key.toLowerCase())
      return metadata.annotations?.[key] ?? ''
    case 'metadata.name':
    case 'metadata.namespace':
    case 'metadata.uid':
      return key === undefined ? metadata[plain[path]] : undefined
    default:
      return undefined
  }
}

const plain = { 'metadata.name': 'name', 'metadata.namespace': 'namespace', 'metadata.uid': 'uid' } as const

function requireName(fieldPath: string, key: string): void {
  const fault = qualifiedNameFault(key)
  if (fault !== undefined) throw new KubeletError('invalid', `invalid key subscript in ${fieldPath}: ${fault}`)
}

/** One line for each key, in order, its value in quotes. */
function mapText(map: Readonly<Record<string, string>> | undefined): string {
  const keys = Object.keys(map ?? {}).toSorted()
  return keys.map((key) => `${key}=${goQuote(map?.[key] ?? '')}`).join('\n')
}
