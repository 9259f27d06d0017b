import type { PodSpec } from '../../model/kube.ts'
import { isPodLevel } from '../../translate/resources/pod-amounts.ts'
import { qualifiedNameFault } from '../../util/names.ts'
import { parseQuantity, wholeUnits, type Quantity } from '../../util/quantity.ts'
import {
  forbidden,
  invalid,
  invalidIf,
  required,
  unsupported,
  type FieldFault,
  type FieldPath,
} from '../field-fault.ts'

type Resources = NonNullable<PodSpec['resources']>

export const notAQuantity =
  "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

/**
 * What a container, or a Pod as a whole, asks for and is limited to (validateResourceRequirements): known names, quantities
 * that are not negative, no request above its limit, and of what is given out in pieces a limit that equals the request.
 */
export function validateResources(
  resources: Resources | undefined,
  path: FieldPath,
  of: 'container' | 'pod' = 'container',
): readonly FieldFault[] {
  const { limits = {}, requests = {} } = resources ?? {}
  const names = [...Object.keys(limits), ...Object.keys(requests)]
  const hasHugePages = names.some(isHugePage)
  const hasOthers = names.some((name) => name === 'cpu' || name === 'memory')
  return [
    ...Object.entries(limits).flatMap(([name, value]) => validateAmount(name, value, [...path, 'limits', name], of)),
    ...Object.entries(requests).flatMap(([name, value]) =>
      validateAmount(name, value, [...path, 'requests', name], of),
    ),
    ...Object.entries(requests).flatMap(([name, value]) => validateAgainstLimit(name, value, limits[name], path)),
    ...(hasHugePages && !hasOthers ? [forbidden(path, 'HugePages require cpu or memory')] : []),
  ]
}

/** One quantity that may not be negative. */
function validateQuantity(value: string, path: FieldPath): readonly FieldFault[] {
  const quantity = parseQuantity(value)
  if (quantity === undefined) return [invalid(path, value, notAQuantity)]
  return quantity.nano < 0n ? [invalid(path, value, 'must be greater than or equal to 0')] : []
}

function validateAmount(name: string, value: string, path: FieldPath, of: 'container' | 'pod'): readonly FieldFault[] {
  const quantity = parseQuantity(value)
  const isOdd = quantity !== undefined && isExtended(name) && quantity.nano % nanoPerUnit !== 0n
  const isUneven = quantity !== undefined && isHugePage(name) && !isWholePages(name, quantity)
  return [
    ...(of === 'pod' ? validatePodLevelName(name, path) : validateContainerName(name, path)),
    ...validateQuantity(value, path),
    ...(isOdd ? [invalid(path, value, 'must be an integer')] : []),
    ...(isUneven ? [invalid(path, value, `${value} is not positive integer multiple of ${name}`)] : []),
  ]
}

function validateAgainstLimit(
  name: string,
  value: string,
  limitText: string | undefined,
  path: FieldPath,
): readonly FieldFault[] {
  const mayDiffer = isNative(name) && !isHugePage(name)
  if (limitText === undefined) {
    return mayDiffer ? [] : [required([...path, 'limits'], 'Limit must be set for non overcommitable resources')]
  }
  const [request, limit] = [parseQuantity(value), parseQuantity(limitText)]
  if (request === undefined || limit === undefined || request.nano === limit.nano) return []
  if (!mayDiffer) return [invalid([...path, 'requests'], value, `must be equal to ${name} limit of ${limitText}`)]
  const isAbove = request.nano > limit.nano
  const detail = `must be less than or equal to ${name} limit of ${limitText}`
  return isAbove ? [invalid([...path, 'requests'], value, detail)] : []
}

function validateContainerName(name: string, path: FieldPath): readonly FieldFault[] {
  const faults = validateName(name, path)
  if (!name.includes('/')) {
    const isKnown = containerNames.has(name) || isHugePage(name)
    return isKnown ? faults : [...faults, invalid(path, name, 'must be a standard resource for containers')]
  }
  if (isNative(name) || isExtended(name)) return faults
  return [...faults, invalid(path, name, "doesn't follow extended resource name standard")]
}

function validatePodLevelName(name: string, path: FieldPath): readonly FieldFault[] {
  const faults = validateName(name, path)
  if (faults.length > 0 || isPodLevel(name)) return faults
  return [unsupported(path, name, ['cpu', hugePagePrefix, 'memory'])]
}

function validateName(name: string, path: FieldPath): readonly FieldFault[] {
  const fault = qualifiedNameFault(name)
  if (fault !== undefined || name.includes('/')) return invalidIf(path, name, fault)
  const isKnown = containerNames.has(name) || otherNames.has(name) || isHugePage(name)
  return isKnown ? [] : [invalid(path, name, 'must be a standard resource type or fully qualified')]
}

const containerNames: ReadonlySet<string> = new Set(['cpu', 'memory', 'ephemeral-storage'])

/** Kubernetes' own names for what no container can ask for: quotas have them (pkg/apis/core/helper, standardResources). */
const otherNames: ReadonlySet<string> = new Set(
  `requests.cpu requests.memory requests.ephemeral-storage requests.storage limits.cpu limits.memory
  limits.ephemeral-storage storage pods services resourcequotas replicationcontrollers secrets configmaps
  persistentvolumeclaims services.nodeports services.loadbalancers`.split(/\s+/u),
)

const hugePagePrefix = 'hugepages-'
const nanoPerUnit = 1_000_000_000n

function isHugePage(name: string): boolean {
  return name.startsWith(hugePagePrefix)
}

function isWholePages(name: string, quantity: Quantity): boolean {
  const size = parseQuantity(name.slice(hugePagePrefix.length))
  return size !== undefined && size.nano > 0n && wholeUnits(quantity) % wholeUnits(size) === 0n
}

function isNative(name: string): boolean {
  return !name.includes('/') || name.includes('kubernetes.io/')
}

/** What others than Kubernetes give out, in pieces (IsExtendedResourceName). */
function isExtended(name: string): boolean {
  return !isNative(name) && !name.startsWith('requests.') && qualifiedNameFault(`requests.${name}`) === undefined
}
