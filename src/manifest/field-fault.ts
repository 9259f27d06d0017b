import type { SourcePath } from '../util/yaml-source.ts'

/** Where in a Pod, as steps. */
export type FieldPath = SourcePath

/** What is wrong with one field, in the words of the API server. */
export interface FieldFault {
  readonly path: FieldPath
  readonly message: string
}

/** What stands in them by name: `limits[memory]`. */
const listsByName: ReadonlySet<string> = new Set(['limits', 'requests'])

/** `spec.containers[0].name`. */
export function formatPath(path: FieldPath): string {
  return path
    .map((step, index) => {
      const before = path[index - 1]
      const isKey = typeof before === 'string' && listsByName.has(before)
      return typeof step === 'number' || isKey ? `[${step}]` : `${index === 0 ? '' : '.'}${step}`
    })
    .join('')
}

/** `spec.containers[0].name: Required value`; of a fault of the whole, its message only. */
export function formatFault({ path, message }: FieldFault): string {
  return path.length === 0 ? message : `${formatPath(path)}: ${message}`
}

/** From here on, the kinds of faults that the API server knows, in its words (field.Error in apimachinery). */
export function required(path: FieldPath, detail = ''): FieldFault {
  return { path, message: detail === '' ? 'Required value' : `Required value: ${detail}` }
}

export function invalid(path: FieldPath, value: unknown, detail: string): FieldFault {
  return { path, message: `Invalid value: ${JSON.stringify(value)}: ${detail}` }
}

export function forbidden(path: FieldPath, detail: string): FieldFault {
  return { path, message: `Forbidden: ${detail}` }
}

export function duplicate(path: FieldPath, value: unknown): FieldFault {
  return { path, message: `Duplicate value: ${JSON.stringify(value)}` }
}

/** A fault where a list has more than `most`. */
export function tooMany(path: FieldPath, count: number, most: number): readonly FieldFault[] {
  return count <= most ? [] : [{ path, message: `Too many: ${count}: must have at most ${most} items` }]
}

export function tooLong(path: FieldPath, most: number): FieldFault {
  return { path, message: `Too long: may not be more than ${most} bytes` }
}

export function notFound(path: FieldPath, value: unknown): FieldFault {
  return { path, message: `Not found: ${JSON.stringify(value)}` }
}

export function unsupported(path: FieldPath, value: unknown, allowed: readonly string[]): FieldFault {
  const list = allowed.map((each) => JSON.stringify(each)).join(', ')
  return { path, message: `Unsupported value: ${JSON.stringify(value)}: supported values: ${list}` }
}

/** A fault if `detail` is one: for checks that answer with what is wrong, or with nothing. */
export function invalidIf(path: FieldPath, value: unknown, detail: string | undefined): readonly FieldFault[] {
  return detail === undefined ? [] : [invalid(path, value, detail)]
}

/** Nothing for a value that isn't given: its default is always allowed. */
export function oneOf(path: FieldPath, value: string | undefined, allowed: readonly string[]): readonly FieldFault[] {
  return value === undefined || allowed.includes(value) ? [] : [unsupported(path, value, allowed)]
}
