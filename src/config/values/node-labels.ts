import { labelValueFault, qualifiedNameFault } from '../../util/names.ts'
import { decoded, refused, splitCommas, type Decoded, type ValueType } from './value-type.ts'

/** The names in `kubernetes.io` and `k8s.io` that a kubelet may give to its own Node, as NodeRestriction knows them. */
const allowedKeys: readonly string[] = [
  'beta.kubernetes.io/arch',
  'beta.kubernetes.io/instance-type',
  'beta.kubernetes.io/os',
  'failure-domain.beta.kubernetes.io/region',
  'failure-domain.beta.kubernetes.io/zone',
  'kubernetes.io/arch',
  'kubernetes.io/hostname',
  'kubernetes.io/os',
  'node.kubernetes.io/instance-type',
  'topology.kubernetes.io/region',
  'topology.kubernetes.io/zone',
]
const allowedPrefixes: readonly string[] = ['kubelet.kubernetes.io', 'node.kubernetes.io']

/** `--node-labels`: `key=value` pairs, with the restrictions that the kubelet puts on Kubernetes' own names. */
export const nodeLabels: ValueType<Readonly<Record<string, string>>> = {
  hint: 'KEY=VALUE,...',
  fromFlag: (texts) => parseLabels(splitCommas(texts)),
  fromFile: () => refused('given as --node-labels; the file has no such field'),
}

function parseLabels(pairs: readonly string[]): Decoded<Readonly<Record<string, string>>> {
  const labels: Record<string, string> = {}
  for (const pair of pairs) {
    const equals = pair.indexOf('=')
    if (equals < 0) return refused(`key=value pairs with commas between them, and "${pair}" has no "="`)
    const key = pair.slice(0, equals).trim()
    const value = pair.slice(equals + 1).trim()
    const fault = keyFault(key) ?? labelValueFault(value)
    if (fault !== undefined) return refused(`valid labels, and "${pair}" is none: ${fault}`)
    labels[key] = value
  }
  return decoded(labels)
}

function keyFault(key: string): string | undefined {
  return qualifiedNameFault(key) ?? (isRestricted(key) ? restriction : undefined)
}

const restriction =
  `a node may not give itself this name of Kubernetes' own; allowed are the prefixes ` +
  `${allowedPrefixes.map((prefix) => `"${prefix}"`).join(' and ')}, and ${allowedKeys.join(', ')}`

function isRestricted(key: string): boolean {
  const slash = key.indexOf('/')
  if (slash < 0) return false
  const namespace = key.slice(0, slash)
  if (!isIn(namespace, ['kubernetes.io', 'k8s.io'])) return false
  return !isIn(namespace, allowedPrefixes) && !allowedKeys.includes(key)
}

/** True when `namespace` is one of `domains` or lies below one. */
function isIn(namespace: string, domains: readonly string[]): boolean {
  return domains.some((domain) => namespace === domain || namespace.endsWith(`.${domain}`))
}
