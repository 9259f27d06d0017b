import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import type { PodSpec } from '../../../src/model/kube.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import { createContainer, startContainer } from '../../builders/actions.ts'
import { aKill, imagesOf, podFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, created, exited } from '../../builders/observed.ts'
import { aContainer, aPod, containersNamed } from '../../builders/pod.ts'

const [first, second] = [
  anObservedContainer({ name: 'first' }),
  anObservedContainer({ name: 'second', state: created }),
]
const pod = aPod({ spec: { containers: containersNamed('first', 'second') } })

function plan(facts: Partial<PodFacts>, containers = [first, second]): readonly PodAction[] {
  return computePodActions(pod, anObservedPod({ containers }), podFacts(facts))
}

describe('the plan while a postStart hook runs', () => {
  const postStarts = new Map([[first.id, { containerName: 'first', kind: 'running' as const }]])

  it('starts no container behind it', () => assert.deepEqual(plan({ postStarts }), []))

  it('prepares the containers behind it', () => {
    assert.deepEqual(plan({ postStarts, images: imagesOf('second') }, [first]), [
      createContainer(aContainer({ name: 'second' })),
    ])
  })

  it('goes on when it has returned', () => {
    assert.deepEqual(plan({}), [startContainer(aContainer({ name: 'second' }))])
  })
})

describe('the plan while the last of a Pod is killed for good', () => {
  const main = anObservedContainer()
  const order = { graceSeconds: 30, message: 'Container main failed liveness probe', thenRestart: false, reason: 'x' }
  const facts = { kills: new Map([[main.id, aKill({ order })]]), images: imagesOf('proxy') }
  const sidecar = aContainer({ name: 'proxy', restartPolicy: 'Always' })
  const stopped = anObservedContainer({ name: 'proxy', state: exited({ exitCode: 1 }) })
  const kindsOf = (spec: Partial<PodSpec>): readonly string[] =>
    computePodActions(
      aPod({ spec: { initContainers: [sidecar], containers: [aContainer()], ...spec } }),
      anObservedPod({ containers: [main, stopped] }),
      podFacts(facts),
    ).map(({ kind }) => kind)

  it('starts no sidecar any more', () => assert.deepEqual(kindsOf({ restartPolicy: 'Never' }), ['wait']))

  it('starts sidecars where it may come again', () => {
    assert.deepEqual(kindsOf({ restartPolicy: 'OnFailure' }), ['create-container', 'wait'])
    const containers = [
      aContainer({
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [7] } }],
      }),
    ]
    assert.deepEqual(kindsOf({ restartPolicy: 'Never', containers }), ['create-container', 'wait'])
  })

  it('starts sidecars for another container that runs on', () => {
    const containers = containersNamed('main', 'other')
    assert.ok(kindsOf({ restartPolicy: 'Never', containers }).includes('create-container'))
  })
})

describe('the plan of a container that is to be killed', () => {
  const preStop = { exec: { command: ['quit'] } }
  const hooked = aContainer({ image: 'busybox:1.37', lifecycle: { preStop } })
  const stepOf = (facts: Partial<PodFacts>): unknown => {
    const [action] = computePodActions(aPod({ spec: { containers: [hooked] } }), anObservedPod(), podFacts(facts))
    return action?.kind === 'kill-container' ? action.step : action?.kind
  }

  it('begins with its preStop hook', () => {
    assert.deepEqual(stepOf({}), { kind: 'pre-stop', hook: { handler: preStop, container: hooked } })
  })

  it('is to wait while that runs, and the stop signal when it has ended', () => {
    const kill = (kind: 'pre-stop' | 'awaiting-turn') =>
      new Map([[anObservedContainer().id, aKill({ step: { kind } })]])
    assert.equal(stepOf({ kills: kill('pre-stop') }), 'wait')
    assert.deepEqual(stepOf({ kills: kill('awaiting-turn') }), { kind: 'stop', graceSeconds: 30 })
  })

  it('does not concern the others of its Pod', () => {
    const containers = [first, anObservedContainer({ name: 'second', state: exited({ exitCode: 1 }) })]
    const kinds = plan({ kills: new Map([[first.id, aKill()]]), images: imagesOf('second') }, containers).map(
      ({ kind }) => kind,
    )
    assert.deepEqual(kinds, ['wait', 'create-container'])
  })
})
