import { KubeletError } from '../../model/errors.ts'
import type { DataObject } from '../../model/kube.ts'
import type { Payload, VolumeFile } from './payload.ts'
import type { ProjectionSource } from './projection-source.ts'

type ObjectSource = Extract<ProjectionSource, { kind: 'object' }>

/**
 * The files that a ConfigMap or a Secret becomes (MakePayload in pkg/volume/configmap and pkg/volume/secret): every key
 * under its own name, or those that `items` name under their paths. Throws `invalid` in the kubelet's words for a key that
 * is named and is not there, unless the source is optional.
 *
 * @param object `undefined` where there is none and need not be.
 */
export function objectPayload(
  { ref, items, optional }: ObjectSource,
  object: DataObject | undefined,
  defaultMode: number,
): Payload {
  const values = decoded(ref.kind, object)
  if (items === undefined) {
    return new Map([...values].map(([key, value]): [string, VolumeFile] => [key, { data: value(), mode: defaultMode }]))
  }
  const files = new Map<string, VolumeFile>()
  for (const { key, path, mode = defaultMode } of items) {
    const value = values.get(key)
    if (value !== undefined) files.set(path, { data: value(), mode })
    else if (!optional) throw new KubeletError('invalid', `${missing[ref.kind]}: ${key}`)
  }
  return files
}

const missing = {
  ConfigMap: 'configmap references non-existent config key',
  Secret: 'references non-existent secret key',
} as const

/** What stands under the keys, decoded when it is asked for. No key is in both members of a ConfigMap. */
function decoded(
  kind: ObjectSource['ref']['kind'],
  object: DataObject | undefined,
): ReadonlyMap<string, () => Uint8Array> {
  const { data = {}, binaryData = {} } = object ?? {}
  const read = (members: Readonly<Record<string, string>>, encoding: 'utf8' | 'base64') =>
    Object.entries(members).map(([key, text]) => [key, () => Buffer.from(text, encoding)] as const)
  return new Map([...read(data, kind === 'ConfigMap' ? 'utf8' : 'base64'), ...read(binaryData, 'base64')])
}
