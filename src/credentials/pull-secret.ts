import { KubeletError } from '../model/errors.ts'
import type { DataObject } from '../model/kube.ts'
import { parseDockerConfig, parseDockercfg, type RegistryEntry } from './docker-config.ts'

/**
 * What a secret says about registries; `undefined` of one that is no pull secret, by its type or for lack of content,
 * which the kubelet passes over (secretsToTrackedDockerConfigs in pkg/credentialprovider/secrets/secrets.go). Throws
 * `invalid` for one that can't be read.
 */
export function pullSecretEntries({
  type,
  data = {},
}: Pick<DataObject, 'type' | 'data'>): readonly RegistryEntry[] | undefined {
  switch (type) {
    case 'kubernetes.io/dockerconfigjson':
      return entriesAt(data, '.dockerconfigjson', (text) => parseDockerConfig(text).entries)
    case 'kubernetes.io/dockercfg':
      return entriesAt(data, '.dockercfg', parseDockercfg)
    default:
      return undefined
  }
}

function entriesAt(
  data: Readonly<Record<string, unknown>>,
  key: string,
  parse: (text: string) => readonly RegistryEntry[],
): readonly RegistryEntry[] | undefined {
  const value = data[key] ?? ''
  if (typeof value !== 'string') throw new KubeletError('invalid', `"${key}" is not a string`)
  return value === '' ? undefined : parse(Buffer.from(value, 'base64').toString())
}
