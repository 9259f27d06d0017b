import type { VolumeSpec } from '../../model/kube.ts'
import { labelFault } from '../../util/names.ts'
import { parseQuantity } from '../../util/quantity.ts'
import {
  duplicate,
  forbidden,
  invalid,
  invalidIf,
  oneOf,
  required,
  type FieldFault,
  type FieldPath,
} from '../field-fault.ts'
import { backstepFault, validateDescendingPath, validateMode } from './validate-paths.ts'
import { validateProjected } from './validate-projected.ts'
import { notAQuantity } from './validate-resources.ts'
import { validateDownwardFiles, validateKeys } from './validate-volume-files.ts'

export interface ValidatedVolumes {
  readonly faults: readonly FieldFault[]
  /** Those that nothing is wrong with: containers may mount no others. */
  readonly valid: readonly VolumeSpec[]
}

/** A Pod's volumes (ValidateVolumes): names, one source each, and what those that this node knows say. */
export function validateVolumes(volumes: readonly VolumeSpec[], path: FieldPath): ValidatedVolumes {
  const valid = new Map<string, VolumeSpec>()
  const faults = volumes.flatMap((volume, index) => {
    const at = [...path, index]
    const found = [
      ...validateSource(volume, at),
      ...(volume.name === ''
        ? [required([...at, 'name'])]
        : invalidIf([...at, 'name'], volume.name, labelFault(volume.name))),
      ...(valid.has(volume.name) ? [duplicate([...at, 'name'], volume.name)] : []),
    ]
    if (found.length === 0) valid.set(volume.name, volume)
    return found
  })
  return { faults, valid: [...valid.values()] }
}

function validateSource(volume: VolumeSpec, at: FieldPath): readonly FieldFault[] {
  const [first, ...others] = Object.keys(volume).filter((field) => field !== 'name')
  if (first === undefined) return [required(at, 'must specify a volume type')]
  const { emptyDir, hostPath, gitRepo, secret, nfs, persistentVolumeClaim, downwardAPI, configMap, projected } = volume
  return [
    ...others.map((field) => forbidden([...at, field], 'may not specify more than 1 volume type')),
    ...(emptyDir ? validateEmptyDir(emptyDir, [...at, 'emptyDir']) : []),
    ...(hostPath ? validateHostPath(hostPath, [...at, 'hostPath']) : []),
    ...(gitRepo ? validateGitRepo(gitRepo, [...at, 'gitRepo']) : []),
    ...(secret ? validateObject(secret, 'secretName', secret.secretName, [...at, 'secret']) : []),
    ...(nfs ? validateNfs(nfs, [...at, 'nfs']) : []),
    ...(persistentVolumeClaim?.claimName === '' ? [required([...at, 'persistentVolumeClaim', 'claimName'])] : []),
    ...(downwardAPI
      ? [
          ...validateMode(downwardAPI.defaultMode, [...at, 'downwardAPI', 'defaultMode']),
          ...validateDownwardFiles(downwardAPI.items, [...at, 'downwardAPI', 'items']),
        ]
      : []),
    ...(configMap ? validateObject(configMap, 'name', configMap.name, [...at, 'configMap']) : []),
    ...(projected ? validateProjected(projected, [...at, 'projected']) : []),
    ...(volume.image ? validateImage(volume.image, [...at, 'image']) : []),
  ]
}

type Source<Field extends keyof VolumeSpec> = NonNullable<VolumeSpec[Field]>

function validateEmptyDir({ sizeLimit }: Source<'emptyDir'>, at: FieldPath): readonly FieldFault[] {
  if (sizeLimit === undefined) return []
  const quantity = parseQuantity(sizeLimit)
  if (quantity === undefined) return [invalid([...at, 'sizeLimit'], sizeLimit, notAQuantity)]
  return quantity.nano < 0n
    ? [forbidden([...at, 'sizeLimit'], 'SizeLimit field must be a valid resource quantity')]
    : []
}

/** In the order in which the API server lists them. */
const hostPathTypes = [
  '',
  'BlockDevice',
  'CharDevice',
  'Directory',
  'DirectoryOrCreate',
  'File',
  'FileOrCreate',
  'Socket',
]

function validateHostPath({ path, type }: Source<'hostPath'>, at: FieldPath): readonly FieldFault[] {
  if (path === '') return [required([...at, 'path'])]
  return [...invalidIf([...at, 'path'], path, backstepFault(path)), ...oneOf([...at, 'type'], type, hostPathTypes)]
}

function validateGitRepo({ repository, directory = '' }: Source<'gitRepo'>, at: FieldPath): readonly FieldFault[] {
  return [
    ...(repository === '' ? [required([...at, 'repository'])] : []),
    ...validateDescendingPath(directory, [...at, 'directory']),
  ]
}

function validateNfs({ server, path }: Source<'nfs'>, at: FieldPath): readonly FieldFault[] {
  return [
    ...(server === '' ? [required([...at, 'server'])] : []),
    ...(path === '' ? [required([...at, 'path'])] : []),
    ...(path.startsWith('/') ? [] : [invalid([...at, 'path'], path, 'must be an absolute path')]),
  ]
}

/** A ConfigMap or Secret, named by `field`. */
function validateObject(
  { defaultMode, items }: Pick<Source<'configMap'>, 'defaultMode' | 'items'>,
  field: string,
  name: string | undefined,
  at: FieldPath,
): readonly FieldFault[] {
  return [
    ...(name ? [] : [required([...at, field])]),
    ...validateMode(defaultMode, [...at, 'defaultMode']),
    ...validateKeys(items, [...at, 'items']),
  ]
}

function validateImage({ reference, pullPolicy }: Source<'image'>, at: FieldPath): readonly FieldFault[] {
  return [
    ...(reference ? [] : [required([...at, 'reference'])]),
    ...oneOf([...at, 'pullPolicy'], pullPolicy, ['Always', 'IfNotPresent', 'Never']),
  ]
}
