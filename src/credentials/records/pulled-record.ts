import { createHash } from 'node:crypto'
import type { RegistryCredentials } from '../../engine/engine.ts'
import { KubeletError } from '../../model/errors.ts'
import { isRecord } from '../../util/is-record.ts'

/** Which secret it was, or which service account. */
export interface Coordinates {
  readonly uid: string
  readonly namespace: string
  readonly name: string
}

export interface RecordedSecret extends Coordinates {
  /** SHA-256 of user name and password, hexadecimal; of a secret that has changed since it is another. */
  readonly credentialHash: string
}

/** With whose credentials an image was pulled under one of its names. */
export interface RecordedCredentials {
  /** Without any, or with the node's: everybody on the node may use it. */
  readonly nodePodsAccessible: boolean
  readonly kubernetesSecrets: readonly RecordedSecret[]
  /** Kept as they are: only the kubelet's credential plugins, which this agent has not, make any. */
  readonly kubernetesServiceAccounts: readonly Coordinates[]
}

/** What is known of an image that this node has pulled, as the kubelet keeps it (ImagePulledRecord in its v1beta1). */
export interface PulledRecord {
  readonly lastUpdatedTime: string
  /** Docker's id of the image. */
  readonly imageRef: string
  /** By the image's name without tag and digest. Under a name that is not here nobody has pulled it yet. */
  readonly credentialMapping: ReadonlyMap<string, RecordedCredentials>
}

const apiVersion = 'kubelet.config.k8s.io/v1beta1'
const knownVersions: readonly unknown[] = [apiVersion, 'kubelet.config.k8s.io/v1alpha1']

/** The name of the file for an image or for its id. */
export function recordFile(key: string): string {
  return `sha256-${sha256(key)}`
}

/** What stands in a record for a name and a password (hashAuthConfig in pkg/credentialprovider/keyring.go). */
export function credentialHash({ username, password }: Pick<RegistryCredentials, 'username' | 'password'>): string {
  const fields = { ...(username && { username }), ...(password && { password }) }
  return sha256(JSON.stringify(fields))
}

export function encodeIntent(image: string): string {
  return JSON.stringify({ kind: 'ImagePullIntent', apiVersion, image })
}

/** The image that was being pulled. Throws `invalid`. */
export function decodeIntent(text: string): string {
  return textOf(decodeKind(text, 'ImagePullIntent'), 'image')
}

export function encodeRecord({ lastUpdatedTime, imageRef, credentialMapping }: PulledRecord): string {
  const mapping = Object.fromEntries(
    [...credentialMapping].map(([name, credentials]) => [name, withoutEmptyFields(credentials)]),
  )
  const credentials = credentialMapping.size === 0 ? {} : { credentialMapping: mapping }
  return JSON.stringify({ kind: 'ImagePulledRecord', apiVersion, lastUpdatedTime, imageRef, ...credentials })
}

/** Throws `invalid`. */
export function decodeRecord(text: string): PulledRecord {
  const value = decodeKind(text, 'ImagePulledRecord')
  const mapping = value['credentialMapping'] ?? {}
  if (!isRecord(mapping)) throw unreadable('credentialMapping')
  return {
    lastUpdatedTime: textOf(value, 'lastUpdatedTime'),
    imageRef: textOf(value, 'imageRef'),
    credentialMapping: new Map(
      Object.entries(mapping).map(([name, credentials]) => [name, decodeCredentials(credentials)]),
    ),
  }
}

function decodeCredentials(value: unknown): RecordedCredentials {
  if (!isRecord(value)) throw unreadable('credentialMapping')
  return {
    nodePodsAccessible: value['nodePodsAccessible'] === true,
    kubernetesSecrets: listOf(value, 'kubernetesSecrets').map((secret) => ({
      ...decodeCoordinates(secret),
      credentialHash: textOf(secret, 'credentialHash'),
    })),
    kubernetesServiceAccounts: listOf(value, 'kubernetesServiceAccounts').map(decodeCoordinates),
  }
}

function decodeCoordinates(value: Readonly<Record<string, unknown>>): Coordinates {
  return { uid: textOf(value, 'uid'), namespace: textOf(value, 'namespace'), name: textOf(value, 'name') }
}

function withoutEmptyFields({
  nodePodsAccessible,
  kubernetesSecrets,
  kubernetesServiceAccounts,
}: RecordedCredentials): Partial<RecordedCredentials> {
  return {
    ...(kubernetesSecrets.length > 0 && { kubernetesSecrets }),
    ...(kubernetesServiceAccounts.length > 0 && { kubernetesServiceAccounts }),
    ...(nodePodsAccessible && { nodePodsAccessible }),
  }
}

function decodeKind(text: string, kind: string): Readonly<Record<string, unknown>> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    value = undefined
  }
  if (isRecord(value) && value['kind'] === kind && knownVersions.includes(value['apiVersion'])) return value
  throw new KubeletError('invalid', `it is no ${kind} of a version that is known`)
}

function textOf(value: Readonly<Record<string, unknown>>, key: string): string {
  const text = value[key]
  if (typeof text === 'string') return text
  throw unreadable(key)
}

function listOf(value: Readonly<Record<string, unknown>>, key: string): readonly Readonly<Record<string, unknown>>[] {
  const list: unknown = value[key] ?? []
  if (Array.isArray(list) && list.every(isRecord)) return list
  throw unreadable(key)
}

function unreadable(key: string): KubeletError {
  return new KubeletError('invalid', `its "${key}" is not what it should be`)
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex')
}
