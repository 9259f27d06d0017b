import type { VolumeSpec } from '../../model/kube.ts'
import { forbidden, invalid, required, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateFilePath, validateMode } from './validate-paths.ts'
import { validateDownwardFiles, validateKeys } from './validate-volume-files.ts'

type Projected = NonNullable<VolumeSpec['projected']>
type Source = NonNullable<Projected['sources']>[number]

/** Volumes of several sources (validateProjectionSources); two of them may not write one file. */
export function validateProjected({ defaultMode, sources = [] }: Projected, path: FieldPath): readonly FieldFault[] {
  const taken = new Set<string>()
  return [
    ...validateMode(defaultMode, [...path, 'defaultMode']),
    ...sources.flatMap((source, index) => {
      const at = [...path, 'sources', index]
      const conflicts = filesOf(source).flatMap(({ path: file, of }) => {
        if (file === '' || !taken.has(file)) {
          taken.add(file)
          return []
        }
        return [invalid(path, of, 'conflicting duplicate paths')]
      })
      return [...validateSource(source, at), ...conflicts, ...validateCount(source, at)]
    }),
  ]
}

function validateSource(source: Source, at: FieldPath): readonly FieldFault[] {
  const { configMap, secret, downwardAPI, serviceAccountToken, clusterTrustBundle } = source
  return [
    ...(secret ? validateObject(secret, [...at, 'secret']) : []),
    ...(configMap ? validateObject(configMap, [...at, 'configMap']) : []),
    ...(downwardAPI ? validateDownwardFiles(downwardAPI.items, [...at, 'downwardAPI', 'items']) : []),
    ...(serviceAccountToken ? validateToken(serviceAccountToken, [...at, 'serviceAccountToken']) : []),
    ...(clusterTrustBundle
      ? [
          ...(clusterTrustBundle.path === '' ? [required([...at, 'clusterTrustBundle', 'path'])] : []),
          ...validateFilePath(clusterTrustBundle.path, [...at, 'clusterTrustBundle', 'path']),
        ]
      : []),
  ]
}

function validateObject(
  { name = '', items }: NonNullable<Source['configMap']>,
  path: FieldPath,
): readonly FieldFault[] {
  return [...(name === '' ? [required([...path, 'name'])] : []), ...validateKeys(items, [...path, 'items'])]
}

const shortestSeconds = 600
const longestSeconds = 2 ** 32

function validateToken(
  { path: file, expirationSeconds = shortestSeconds }: NonNullable<Source['serviceAccountToken']>,
  path: FieldPath,
): readonly FieldFault[] {
  const seconds = [...path, 'expirationSeconds']
  return [
    ...(expirationSeconds < shortestSeconds
      ? [invalid(seconds, expirationSeconds, 'may not specify a duration less than 10 minutes')]
      : []),
    ...(expirationSeconds > longestSeconds
      ? [invalid(seconds, expirationSeconds, 'may not specify a duration larger than 2^32 seconds')]
      : []),
    ...(file === '' ? [required([...path, 'path'])] : validateFilePath(file, [...path, 'path'])),
  ]
}

/** Not of those whose files are named by what is in an object, nor of tokens: who comes later writes over them. */
function filesOf({
  configMap,
  secret,
  downwardAPI,
  clusterTrustBundle,
}: Source): readonly { path: string; of?: string }[] {
  return [
    ...(secret?.items ?? []).map(({ path }) => ({ path, of: secret?.name ?? '' })),
    ...(configMap?.items ?? []).map(({ path }) => ({ path, of: configMap?.name ?? '' })),
    ...(downwardAPI?.items ?? []).map(({ path }) => ({ path, of: path })),
    ...(clusterTrustBundle ? [{ path: clusterTrustBundle.path, of: clusterTrustBundle.path }] : []),
  ]
}

function validateCount(source: Source, at: FieldPath): readonly FieldFault[] {
  return Object.keys(source).length > 1 ? [forbidden(at, 'may not specify more than 1 volume type per source')] : []
}
