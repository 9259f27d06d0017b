import { KubeletError } from '../model/errors.ts'
import type { Pod } from '../model/kube.ts'
import { podTypes, type FieldType } from '../model/pod-type.ts'
import { closestName } from '../util/closest-name.ts'
import { isRecord } from '../util/is-record.ts'
import type { FieldFault, FieldPath } from './field-fault.ts'

/** A Pod as somebody wrote it: every field has its type, but name, namespace and UID may be missing. */
export type WrittenPod = Omit<Pod, 'metadata'> & { readonly metadata: Partial<Pod['metadata']> }

export interface DecodedPod {
  readonly pod: WrittenPod
  /** Fields of the wrong type; the Pod is of no use if there are any. */
  readonly faults: readonly FieldFault[]
  /** Fields that no Pod has; they are left out. */
  readonly unknownFields: readonly FieldFault[]
}

/**
 * A Pod out of what a file says. As in the API server, null is a field that isn't there, a required field that isn't
 * there is empty (validation says so), and a quantity may be a number.
 */
export function decodePod(value: unknown, path: FieldPath): DecodedPod {
  const decoder = new Decoder()
  const decoded = decoder.decode(value, 'Pod', path)
  const { metadata = {}, spec = { containers: [] }, ...rest } = isRecord(decoded) ? decoded : {}
  const pod: unknown = { ...rest, metadata, spec }
  if (!isWrittenPod(pod)) throw new KubeletError('internal', 'A decoded Pod has no metadata or no spec')
  return { pod, faults: decoder.faults, unknownFields: decoder.unknownFields }
}

/** True of whatever Decoder made: it has checked every field against the types of client-node's models. */
function isWrittenPod(value: unknown): value is WrittenPod {
  return isRecord(value) && isRecord(value['metadata']) && isRecord(value['spec'])
}

class Decoder {
  readonly faults: FieldFault[] = []
  readonly unknownFields: FieldFault[] = []

  /** `value` as `word` wants it, of the right type even if `value` is not: then with a fault noted. */
  decode(value: unknown, word: string, path: FieldPath): unknown {
    if (word.endsWith('[]')) return this.#list(value, word.slice(0, -2), path)
    if (word.endsWith('{}')) return this.#map(value, word.slice(0, -2), path)
    switch (word) {
      case 'any':
        return value
      case 'string':
        return typeof value === 'string' ? value : this.#wrong(value, 'a string', path)
      case 'boolean':
        return typeof value === 'boolean' ? value : this.#wrong(value, 'true or false', path)
      case 'integer':
        return Number.isSafeInteger(value) ? value : this.#wrong(value, 'a whole number', path)
      case 'integerOrString':
        return typeof value === 'string' || Number.isSafeInteger(value)
          ? value
          : this.#wrong(value, 'a whole number or a string', path)
      case 'quantity':
        if (typeof value === 'number') return String(value)
        return typeof value === 'string' ? value : this.#wrong(value, 'a quantity', path)
      default:
        return this.#object(value, podTypes.get(word) ?? [], path)
    }
  }

  #list(value: unknown, word: string, path: FieldPath): unknown {
    if (!Array.isArray(value)) return this.#wrong(value, 'a list', path)
    return value.map((item: unknown, index) => this.decode(item, word, [...path, index]))
  }

  #map(value: unknown, word: string, path: FieldPath): unknown {
    if (!isRecord(value)) return this.#wrong(value, 'an object', path)
    const entries = Object.entries(value).filter(([, item]) => item !== null)
    return Object.fromEntries(entries.map(([key, item]) => [key, this.decode(item, word, [...path, key])]))
  }

  #object(value: unknown, fields: readonly FieldType[], path: FieldPath): unknown {
    if (!isRecord(value)) return this.#wrong(value, 'an object', path)
    const object: Record<string, unknown> = {}
    for (const { name, word, isRequired } of fields) {
      const item = value[name]
      if (item !== undefined && item !== null) object[name] = this.decode(item, word, [...path, name])
      else if (isRequired) object[name] = this.#empty(word)
    }
    this.#noteUnknown(value, fields, path)
    return object
  }

  /** What Go makes of a field that isn't there. */
  #empty(word: string): unknown {
    if (word.endsWith('[]')) return []
    switch (word) {
      case 'integer':
      case 'integerOrString':
        return 0
      case 'boolean':
        return false
      case 'string':
      case 'quantity':
        return ''
      default:
        return this.#object({}, podTypes.get(word) ?? [], [])
    }
  }

  #noteUnknown(value: Readonly<Record<string, unknown>>, fields: readonly FieldType[], path: FieldPath): void {
    const names = fields.map(({ name }) => name)
    for (const key of Object.keys(value).filter((each) => !names.includes(each))) {
      const meant = closestName(key, names)
      const hint = meant === undefined ? '' : `, did you mean "${meant}"?`
      this.unknownFields.push({ path: [...path, key], message: `no such field, it is ignored${hint}` })
    }
  }

  #wrong(value: unknown, expected: string, path: FieldPath): undefined {
    // What YAML took for a number or a switch (`1.10`, `yes`) may have been written otherwise than it is shown here.
    const isUnquoted = expected === 'a string' && (typeof value === 'number' || typeof value === 'boolean')
    const hint = isUnquoted ? '; put it in quotes' : ''
    this.faults.push({ path, message: `must be ${expected}, not ${describe(value)}${hint}` })
    return undefined
  }
}

function describe(value: unknown): string {
  if (value === null || value === undefined) return 'empty'
  if (Array.isArray(value)) return 'a list'
  return typeof value === 'object' ? 'an object' : JSON.stringify(value)
}
