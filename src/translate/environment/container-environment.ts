import { KubeletError } from '../../model/errors.ts'
import type { ContainerSpec, DataObject, DataObjectRef, Pod, Service } from '../../model/kube.ts'
import { goQuote } from '../../util/go-quote.ts'
import { fieldValue, type FieldFacts } from '../downward/field-value.ts'
import { resourceValue, type Quantities } from '../downward/resource-value.ts'
import { dataKey, dataText, sourceRef, variableRef } from './data-refs.ts'
import { expand, type Environment } from './expand.ts'
import { serviceVariables } from './service-variables.ts'

/** What of a container's environment is not in its Pod. */
export interface EnvironmentFacts extends FieldFacts {
  /** Those of the Pod's namespace and of the API server's; `undefined` as long as nobody has read them. */
  readonly services: readonly Service[] | undefined
  /** By `dataKey`, whatever the container names: the object, or why it could not be had. */
  readonly objects: ReadonlyMap<string, DataObject | KubeletError>
  /** By `fileKey`, whatever the container reads from files: what the file says, or why it could not be read. */
  readonly fileValues: ReadonlyMap<string, FileValue | KubeletError>
  /** What the node has to give. */
  readonly allocatable: Quantities
}

/** What a file of variables says of one of them. */
export interface FileValue {
  /** On the host, for messages. */
  readonly file: string
  /** Empty where it is not there. */
  readonly value: string
}

export interface FileRef {
  readonly volumeName: string
  /** Below the volume. */
  readonly path: string
  readonly key: string
  readonly optional?: boolean
}

/** Tells one entry of one file from all others. */
export function fileKey({ volumeName, path, key }: FileRef): string {
  return JSON.stringify([volumeName, path, key])
}

/**
 * A container's variables (makeEnvironmentVariables in pkg/kubelet/kubelet_pods.go): `envFrom`, overridden by `env`, each
 * in the order of its list, then what Services add. A value may refer to what stands before it and to Services. Names are
 * taken as they are. Throws in the kubelet's words where a variable has no value: `not-found` or `invalid`.
 */
export function containerEnvironment(pod: Pod, container: ContainerSpec, facts: EnvironmentFacts): Environment {
  if (pod.spec.enableServiceLinks === undefined) {
    throw new KubeletError('invalid', 'nil pod.spec.enableServiceLinks encountered, cannot construct envvars')
  }
  if (facts.services === undefined) {
    const message = 'services have not yet been read at least once, cannot construct envvars'
    throw new KubeletError('not-found', message)
  }
  const ofServices = serviceVariables(pod, facts.services)
  const own = new Map<string, string>()
  for (const source of container.envFrom ?? []) addAll(own, pod, source, facts)
  for (const variable of container.env ?? []) {
    const value = variable.value
      ? expand(variable.value, own, ofServices)
      : sourcedValue(variable, { pod, container, facts })
    if (value !== undefined) own.set(variable.name, value)
  }
  return new Map([...own, ...[...ofServices].filter(([name]) => !own.has(name))])
}

type EnvSource = NonNullable<ContainerSpec['envFrom']>[number]
type EnvVar = NonNullable<ContainerSpec['env']>[number]

function addAll(own: Map<string, string>, pod: Pod, source: EnvSource, facts: EnvironmentFacts): void {
  const ref = sourceRef(pod, source)
  const isOptional = (source.configMapRef ?? source.secretRef)?.optional === true
  const object = ref && found(ref, isOptional, facts)
  if (ref === undefined || object === undefined) return
  for (const key of Object.keys(object.data ?? {})) {
    own.set(`${source.prefix ?? ''}${key}`, dataText(ref, object, key) ?? '')
  }
}

interface Sources {
  readonly pod: Pod
  readonly container: ContainerSpec
  readonly facts: EnvironmentFacts
}

/** `undefined`: there is none, and it need not be. */
function sourcedValue(variable: EnvVar, { pod, container, facts }: Sources): string | undefined {
  const { fieldRef, resourceFieldRef, configMapKeyRef, secretKeyRef, fileKeyRef } = variable.valueFrom ?? {}
  if (fieldRef) return fieldValue(fieldRef, pod, facts)
  if (resourceFieldRef) return resourceValue(resourceFieldRef, pod, container, facts.allocatable)
  const ref = variableRef(pod, variable)
  const keyRef = configMapKeyRef ?? secretKeyRef
  if (ref && keyRef) return keyValue(ref, keyRef, facts)
  return fileKeyRef ? fileValue(fileKeyRef, facts) : ''
}

interface KeyRef {
  readonly key: string
  readonly optional?: boolean
}

function keyValue(ref: DataObjectRef, { key, optional }: KeyRef, facts: EnvironmentFacts): string | undefined {
  const object = found(ref, optional === true, facts)
  if (object === undefined) return undefined
  const value = dataText(ref, object, key)
  if (value !== undefined || optional === true) return value
  throw new KubeletError('not-found', `couldn't find key ${key} in ${ref.kind} ${ref.namespace}/${ref.name}`)
}

/** A value that is empty counts as none; a file that can't be read is an error even where the variable need not be. */
function fileValue(ref: FileRef, { fileValues }: EnvironmentFacts): string | undefined {
  const { key, optional } = ref
  const read = fileValues.get(fileKey(ref)) ?? new KubeletError('internal', `${fileKey(ref)} has not been read`)
  if (read instanceof KubeletError) throw read
  if (read.value !== '') return read.value
  if (optional === true) return undefined
  const message = `environment variable key ${goQuote(key)} not found in file ${goQuote(read.file)}`
  throw new KubeletError('not-found', message)
}

/** The object; `undefined` where there is none and there need not be. Any other failure is one for optional ones, too. */
function found(ref: DataObjectRef, isOptional: boolean, { objects }: EnvironmentFacts): DataObject | undefined {
  const known = objects.get(dataKey(ref)) ?? new KubeletError('internal', `${dataKey(ref)} has not been looked for`)
  if (!(known instanceof KubeletError)) return known
  if (isOptional && known.code === 'not-found') return undefined
  throw known
}
