import type { KubeNode, Pod } from './kube.ts'

type NodeAffinity = NonNullable<NonNullable<Pod['spec']['affinity']>['nodeAffinity']>
export type NodeSelector = NonNullable<NodeAffinity['requiredDuringSchedulingIgnoredDuringExecution']>
type Term = NodeSelector['nodeSelectorTerms'][number]
type Requirement = NonNullable<Term['matchExpressions']>[number]
type Labels = Readonly<Record<string, string>>

/** Whether one of the selector's terms holds for the node (component-helpers/scheduling/corev1/nodeaffinity). */
export function selectsNode({ nodeSelectorTerms }: NodeSelector, node: Pick<KubeNode, 'metadata'>): boolean {
  return nodeSelectorTerms.some((term) => matches(term, node, node.metadata?.labels ?? {}))
}

/** An empty term is none; in any other everything must hold. */
function matches(
  { matchExpressions = [], matchFields = [] }: Term,
  node: Pick<KubeNode, 'metadata'>,
  labels: Labels,
): boolean {
  if (matchExpressions.length + matchFields.length === 0) return false
  const fields = { 'metadata.name': node.metadata?.name ?? '' }
  return (
    matchExpressions.every((requirement) => holds(requirement, labels)) &&
    matchFields.every((requirement) => holdsForField(requirement, fields))
  )
}

function holds({ key, operator, values = [] }: Requirement, labels: Labels): boolean {
  const value = Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case 'In':
      return value !== undefined && values.includes(value)
    case 'NotIn':
      return value === undefined || !values.includes(value)
    case 'Exists':
      return value !== undefined
    case 'DoesNotExist':
      return value === undefined
    case 'Gt':
      return compares(value, values, (label, bound) => label > bound)
    case 'Lt':
      return compares(value, values, (label, bound) => label < bound)
    default:
      return false
  }
}

/** Fields know of two operators, each with one value. */
function holdsForField(requirement: Requirement, fields: Labels): boolean {
  const { operator, values } = requirement
  return (operator === 'In' || operator === 'NotIn') && values?.length === 1 && holds(requirement, fields)
}

function compares(
  label: string | undefined,
  values: readonly string[],
  test: (label: bigint, bound: bigint) => boolean,
): boolean {
  const [bound] = values
  if (values.length !== 1 || !isInteger(label) || !isInteger(bound)) return false
  return test(BigInt(label), BigInt(bound))
}

/** What Go's strconv.ParseInt takes; BigInt does not know of the plus sign. */
function isInteger(text: string | undefined): text is string {
  return text !== undefined && /^-?\d+$/.test(text)
}
