import type { PodSpec } from '../model/kube.ts'
import { amountQuantities } from '../translate/resources/amount-quantities.ts'
import { containerLimits, containerRequests, isPodLevel, type Amounts } from '../translate/resources/pod-amounts.ts'

type Quantities = Readonly<Record<string, string>>

/**
 * What is asked for the Pod as a whole, with what follows from its containers (defaultHugePagePodLimits and
 * defaultPodRequests in pkg/apis/core/v1/defaults.go): only where something is asked for it at all.
 */
export function defaultPodResources(spec: PodSpec): Pick<PodSpec, 'resources'> {
  const { resources } = spec
  if (resources === undefined) return {}
  const limits = defaultLimits(spec)
  const requests = Object.keys(limits).length === 0 ? resources.requests : defaultRequests(spec, limits)
  return {
    resources: {
      ...resources,
      ...(Object.keys(limits).length === 0 ? {} : { limits }),
      ...(requests === undefined ? {} : { requests }),
    },
  }
}

/** Huge pages that the containers may have and of which nothing is said for the Pod. */
function defaultLimits(spec: PodSpec): Quantities {
  const { limits = {}, requests = {} } = spec.resources ?? {}
  if (Object.keys({ ...limits, ...requests }).length === 0) return {}
  const missing = only(
    containerLimits({ spec }),
    (name) => name.startsWith('hugepages-') && requests[name] === undefined,
  )
  return { ...missing, ...limits }
}

/** What the containers ask for together, or else the limit. */
function defaultRequests(spec: PodSpec, limits: Quantities): Quantities {
  const ofContainers = only(containerRequests({ spec }), (name) => name === 'cpu' || name === 'memory')
  const ofLimits = Object.entries(limits).filter(([name]) => isPodLevel(name))
  return { ...Object.fromEntries(ofLimits), ...ofContainers, ...spec.resources?.requests }
}

function only(amounts: Amounts, test: (name: string) => boolean): Quantities {
  return amountQuantities(new Map([...amounts].filter(([name]) => test(name))))
}
