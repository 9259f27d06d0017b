import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import type { RestartPolicy } from '../../../src/model/pod.ts'
import { policyRestarts } from '../../../src/model/restart-policy.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const policies: readonly RestartPolicy[] = ['Always', 'OnFailure', 'Never']
const exitCodes = [0, 1, 42, 137]

/** The exit codes after which such a container of such a Pod is started again. */
function restartsAfter(restartPolicy: RestartPolicy, change: Partial<ContainerSpec>): readonly number[] {
  const pod = aPod({ spec: { restartPolicy } })
  return exitCodes.filter((exitCode) => policyRestarts(pod, aContainer(change), exitCode))
}

const rule = (operator: string, values: number[], action = 'Restart') => ({ action, exitCodes: { operator, values } })

describe('the restart policy', () => {
  const all = exitCodes
  const failures = [1, 42, 137]

  it('of the Pod decides by the exit code', () => {
    assert.deepEqual(
      policies.map((policy) => restartsAfter(policy, {})),
      [all, failures, []],
    )
  })

  for (const podPolicy of policies) {
    it(`of a container counts, and not the Pod's ${podPolicy}`, () => {
      assert.deepEqual(
        policies.map((restartPolicy) => restartsAfter(podPolicy, { restartPolicy })),
        [all, failures, []],
      )
    })
  }

  it('is Always where the Pod has none', () => {
    const pod = { ...aPod(), spec: { containers: [aContainer()] } }
    assert.equal(policyRestarts(pod, aContainer(), 0), true)
  })
})

describe('the restart rules of a container', () => {
  const cases: readonly (readonly [title: string, change: Partial<ContainerSpec>, codes: readonly number[]])[] = [
    [
      'add exit codes to those of its policy',
      { restartPolicy: 'Never', restartPolicyRules: [rule('In', [42, 137])] },
      [42, 137],
    ],
    ['add all exit codes but some', { restartPolicy: 'Never', restartPolicyRules: [rule('NotIn', [0, 42])] }, [1, 137]],
    [
      'are looked at one after the other',
      { restartPolicy: 'OnFailure', restartPolicyRules: [rule('In', [42]), rule('In', [0])] },
      exitCodes,
    ],
    ['take nothing away', { restartPolicy: 'Always', restartPolicyRules: [rule('In', [42])] }, exitCodes],
    ['say nothing without a policy beside them', { restartPolicyRules: [rule('In', [42])] }, []],
    [
      'say nothing with an operator that is not known',
      { restartPolicy: 'Never', restartPolicyRules: [rule('Like', [42])] },
      [],
    ],
    ['say nothing without exit codes', { restartPolicy: 'Never', restartPolicyRules: [{ action: 'Restart' }] }, []],
    [
      'restart it too where they ask for all containers of the Pod',
      { restartPolicy: 'Never', restartPolicyRules: [rule('In', [42], 'RestartAllContainers')] },
      [42],
    ],
    [
      'leave it to the policy where they ask for what is not known',
      { restartPolicy: 'Never', restartPolicyRules: [rule('In', [42], 'Dance'), rule('In', [42])] },
      [],
    ],
  ]
  for (const [title, change, codes] of cases) {
    it(title, () => assert.deepEqual(restartsAfter('Never', change), codes))
  }
})
