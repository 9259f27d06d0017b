import type { PodSpec } from '../../model/kube.ts'
import { amountQuantity } from '../../translate/resources/amount-quantities.ts'
import { amountsOf, containerLimits, containerRequests, type Amounts } from '../../translate/resources/pod-amounts.ts'
import { forbidden, invalid, type FieldFault, type FieldPath } from '../field-fault.ts'
import { validateResources } from './validate-resources.ts'

type Quantities = Readonly<Record<string, string>>

/** What is asked for the Pod as a whole, by itself and beside its containers, and its overhead (validatePodResources). */
export function validatePodResources(spec: PodSpec): readonly FieldFault[] {
  const { resources, overhead } = spec
  const path: FieldPath = ['spec', 'resources']
  return [
    ...(overhead === undefined ? [] : validateResources({ limits: overhead }, ['spec', 'overhead'])),
    ...(resources?.claims === undefined
      ? []
      : [forbidden([...path, 'claims'], 'claims may not be set for Resources at pod-level')]),
    ...validateResources(resources, path, 'pod'),
    ...(resources === undefined ? [] : validateConsistency(spec, path)),
  ]
}

function validateConsistency(spec: PodSpec, path: FieldPath): readonly FieldFault[] {
  const { requests, limits } = spec.resources ?? {}
  const hugePages = [...containerLimits({ spec })].filter(([name]) => name.startsWith('hugepages-'))
  return [
    ...atLeast(containerRequests({ spec }), requests, 'requests', path),
    ...atLeast(new Map(hugePages), limits, 'limits', path),
    ...spec.containers.flatMap(({ resources: own }, index) => {
      return Object.entries(own?.limits ?? {}).flatMap(([name, value]) => {
        const whole = limits?.[name]
        if (whole === undefined || amountOf(name, value) <= amountOf(name, whole)) return []
        const at = [...path, 'containers', index, name, 'limits']
        return [invalid(at, value, `must be less than or equal to pod limits of ${whole}`)]
      })
    }),
  ]
}

/** No sum of the containers is above what the Pod as a whole says. */
function atLeast(
  sums: Amounts,
  list: Quantities | undefined,
  part: 'requests' | 'limits',
  path: FieldPath,
): readonly FieldFault[] {
  return [...sums].flatMap(([name, sum]) => {
    const whole = list?.[name]
    if (whole === undefined || sum <= amountOf(name, whole)) return []
    const detail = `must be greater than or equal to aggregate container ${part} of ${amountQuantity(name, sum)}`
    return [invalid([...path, part, name], whole, detail)]
  })
}

function amountOf(name: string, value: string): bigint {
  return amountsOf({ [name]: value }).get(name) ?? 0n
}
