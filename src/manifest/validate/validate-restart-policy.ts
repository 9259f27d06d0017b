import type { ContainerSpec } from '../../model/kube.ts'
import { oneOf, required, tooMany, type FieldFault, type FieldPath } from '../field-fault.ts'

const mostRules = 20
const mostExitCodes = 255

/** A container's restart policy of its own, and the rules that go before it (validateContainerRestartPolicy). */
export function validateRestartPolicy(container: ContainerSpec, path: FieldPath): readonly FieldFault[] {
  const { restartPolicy, restartPolicyRules: rules = [] } = container
  const isMissing = restartPolicy === undefined && rules.length > 0
  const policyPath = [...path, 'restartPolicy']
  return [
    ...(isMissing ? [required(policyPath, 'must specify restartPolicy when restart rules are used')] : []),
    ...oneOf(policyPath, restartPolicy, ['Always', 'Never', 'OnFailure']),
    ...tooMany([...path, 'restartPolicyRules'], rules.length, mostRules),
    ...rules.flatMap((rule, index) => validateRule(rule, [...path, 'restartPolicyRules', index])),
  ]
}

type Rule = NonNullable<ContainerSpec['restartPolicyRules']>[number]

function validateRule({ action, exitCodes }: Rule, path: FieldPath): readonly FieldFault[] {
  const codesPath = [...path, 'exitCodes']
  const actions = oneOf([...path, 'action'], action, ['Restart', 'RestartAllContainers'])
  if (exitCodes === undefined) return [...actions, required(codesPath, 'must be specified')]
  return [
    ...actions,
    ...oneOf([...codesPath, 'operator'], exitCodes.operator, ['In', 'NotIn']),
    ...tooMany([...codesPath, 'values'], exitCodes.values?.length ?? 0, mostExitCodes),
  ]
}
