import type { ContainerSpec } from '../../model/kube.ts'
import { parseQuantity, type Quantity } from '../../util/quantity.ts'
import { invalid, type FieldFault, type FieldPath } from '../field-fault.ts'

type Resources = NonNullable<ContainerSpec['resources']>

const notAQuantity = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/** Requests and limits: quantities, not negative, no request above its limit. */
export function validateResources(resources: Resources | undefined, path: FieldPath): readonly FieldFault[] {
  const { limits = {}, requests = {} } = resources ?? {}
  return [
    ...Object.entries(limits).flatMap(([name, value]) => validateQuantity(value, [...path, 'limits', name])),
    ...Object.entries(requests).flatMap(([name, value]) => validateQuantity(value, [...path, 'requests', name])),
    ...Object.entries(requests).flatMap(([name, request]) => {
      const limit = limits[name] ?? ''
      const isAbove = isGreater(parseQuantity(request), parseQuantity(limit))
      const detail = `must be less than or equal to ${name} limit of ${limit}`
      return isAbove ? [invalid([...path, 'requests'], request, detail)] : []
    }),
  ]
}

function isGreater(left: Quantity | undefined, right: Quantity | undefined): boolean {
  return left !== undefined && right !== undefined && left.nano > right.nano
}

/** One quantity that may not be negative. */
export function validateQuantity(value: string, path: FieldPath): readonly FieldFault[] {
  const quantity = parseQuantity(value)
  if (quantity === undefined) return [invalid(path, value, notAQuantity)]
  return quantity.nano < 0n ? [invalid(path, value, 'must be greater than or equal to 0')] : []
}
