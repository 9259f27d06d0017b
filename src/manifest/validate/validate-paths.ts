/** Paths in a volume, and what their files may be done with. */
import { invalid, invalidIf, type FieldFault, type FieldPath } from '../field-fault.ts'

/** What is wrong with a path that goes upwards somewhere (validatePathNoBacksteps). */
export function backstepFault(path: string): string | undefined {
  return path.split('/').includes('..') ? "must not contain '..'" : undefined
}

/** A path that must lead downwards (validateLocalDescendingPath). */
export function validateDescendingPath(value: string, path: FieldPath): readonly FieldFault[] {
  return [
    ...(value.startsWith('/') ? [invalid(path, value, 'must be a relative path')] : []),
    ...invalidIf(path, value, backstepFault(value)),
  ]
}

/** The same of a file that a node writes: names that begin with `..` are its own (ValidateLocalNonReservedPath). */
export function validateFilePath(value: string, path: FieldPath): readonly FieldFault[] {
  const isReserved = value.startsWith('..') && !value.startsWith('../')
  return [
    ...validateDescendingPath(value, path),
    ...(isReserved ? [invalid(path, value, "must not start with '..'")] : []),
  ]
}

/** Nothing for a mode that isn't given. */
export function validateMode(mode: number | undefined, path: FieldPath): readonly FieldFault[] {
  if (mode === undefined || (mode >= 0 && mode <= 0o777)) return []
  return [invalid(path, mode, 'must be a number between 0 and 0777 (octal), both inclusive')]
}
