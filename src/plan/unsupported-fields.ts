import type { Pod } from '../model/kube.ts'
import { podTypes } from '../model/pod-type.ts'
import { isRecord } from '../util/is-record.ts'
import type { FieldRow, FieldVerdict } from './field-row.ts'
import { podFields } from './pod-fields.ts'

/** A field of a Pod's spec that this agent does not do. */
export interface UnsupportedField {
  /** As in `spec.containers[0].resizePolicy`. */
  readonly path: string
  /**
   * `ignored`: the Pod runs without it. `refused`: running without it would be another Pod than the one that was asked
   * for, so the container waits. `unmounted`: it is a volume, or a part of one, that no container can mount.
   */
  readonly consequence: 'ignored' | 'refused' | 'unmounted'
  /** The container that waits; `undefined` means all of them. */
  readonly containerName: string | undefined
}

/**
 * Finds every field of the spec that is set to something and is not done, by the table in pod-fields and in its order: a
 * type's own fields first, then those that are in them.
 */
export function unsupportedFields(pod: Pod): readonly UnsupportedField[] {
  return found(pod.spec, 'PodSpec', 'spec', undefined)
}

/** A field of a type: what is said of it, and the type of what is in it where that is told field by field. */
interface Field {
  readonly name: string
  readonly row: FieldRow
  readonly inner: string | undefined
}

/** By type, in the order of the table. */
const fieldsByType: ReadonlyMap<string, readonly Field[]> = new Map(
  [...podTypes].map(([type, members]) => {
    const rows = podFields.flatMap((group) => group.rows).filter(({ of }) => of.split(' ').includes(type))
    const fields = rows.flatMap((row) =>
      row.fields.split(' ').flatMap((name) => {
        const word = members.find((member) => member.name === name)?.word.replace('[]', '')
        if (word === undefined) return []
        const isDone = row.is === 'done' || row.is === 'partly'
        return [{ name, row, inner: isDone && podTypes.has(word) ? word : undefined }]
      }),
    )
    return [type, fields]
  }),
)

function found(
  value: unknown,
  type: string,
  path: string,
  containerName: string | undefined,
): readonly UnsupportedField[] {
  if (Array.isArray(value)) {
    return value.flatMap((item: unknown, index) => found(item, type, `${path}[${index}]`, containerName))
  }
  if (!isRecord(value)) return []
  const isContainer = type === 'Container' || type === 'EphemeralContainer'
  const waiting = isContainer && typeof value['name'] === 'string' ? value['name'] : containerName
  const fields = fieldsByType.get(type) ?? []
  return [
    ...fields.flatMap(({ name, row }) => {
      const consequence = consequenceOf(row.is)
      if (consequence === undefined || !isAsked(value[name], row.when)) return []
      return [{ path: `${path}.${name}`, consequence, containerName: waiting }]
    }),
    ...fields.flatMap(({ name, inner }) =>
      inner === undefined ? [] : found(value[name], inner, `${path}.${name}`, waiting),
    ),
  ]
}

function consequenceOf(verdict: FieldVerdict): UnsupportedField['consequence'] | undefined {
  return verdict === 'ignored' || verdict === 'refused' || verdict === 'unmounted' ? verdict : undefined
}

/** `false` and whatever is empty ask for nothing, unless that is the very thing to ask for; zero is a number like others. */
function isAsked(value: unknown, when: FieldRow['when']): boolean {
  if (when !== undefined) return value === when
  if (value === undefined || value === null || value === false || value === '') return false
  return typeof value !== 'object' || Object.keys(value).length > 0
}
