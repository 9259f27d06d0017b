import { inspect } from 'node:util'

/**
 * What an answer must look like. A member of an object whose name ends with `?` may be missing; no other
 * may, and no more may be there.
 */
export type Shape =
  | readonly [least: number, most: number]
  | ((value: unknown, path: string) => readonly string[])
  | { readonly [member: string]: Shape }

/** Everything of `value` that has not this shape, by its path. */
export function faultsOf(value: unknown, shape: Shape, path = ''): readonly string[] {
  if (typeof shape === 'function') return shape(value, path)
  if (isBounds(shape)) {
    const [least, most] = shape
    const isWithin = typeof value === 'number' && value >= least && value <= most
    return isWithin ? [] : [`${path}: ${inspect(value)} is not between ${least} and ${most}`]
  }
  if (typeof value !== 'object' || value === null) return [`${path}: ${inspect(value)} is no object`]
  const members = new Map(Object.entries(shape).map(([name, each]) => [name.replace(/\?$/u, ''), each]))
  const missing = Object.keys(shape).filter((name) => !name.endsWith('?') && !(name in value))
  return [
    ...missing.map((name) => `${path}.${name} is missing`),
    ...Object.entries(value).flatMap(([name, each]) => {
      const wanted = members.get(name)
      return wanted === undefined ? [`${path}.${name} is one too many`] : faultsOf(each, wanted, `${path}.${name}`)
    }),
  ]
}

/** Whatever passes. */
export function such(test: (value: unknown) => boolean): Shape {
  return (value, path) => (test(value) ? [] : [`${path}: ${inspect(value)}`])
}

/** A list of these, each once, by their names. */
export function named(shapes: Readonly<Record<string, { readonly [member: string]: Shape }>>): Shape {
  return (value, path) => {
    const items: readonly unknown[] = Array.isArray(value) ? value : []
    const names = items.map((item) =>
      typeof item === 'object' && item !== null && 'name' in item ? String(item.name) : '',
    )
    const wanted = Object.keys(shapes)
    if (inspect(names.toSorted()) !== inspect(wanted.toSorted()))
      return [`${path} has ${inspect(names)}, not ${inspect(wanted)}`]
    return items.flatMap((item, index) => {
      const name = names[index] ?? ''
      return faultsOf(item, { ...shapes[name], name: such((own) => own === name) }, `${path}.${name}`)
    })
  }
}

function isBounds(shape: Shape): shape is readonly [number, number] {
  return Array.isArray(shape)
}
