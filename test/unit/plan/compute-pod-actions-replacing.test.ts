import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerId } from '../../../src/model/ids.ts'
import type { Pod } from '../../../src/model/kube.ts'
import type { ObservedPod } from '../../../src/model/observed.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import {
  createContainer,
  createSandbox,
  ensureImage,
  killContainer,
  removeContainer,
  removeSandbox,
  stopSandbox,
  wait,
} from '../../builders/actions.ts'
import { imagesOf, podFacts } from '../../builders/facts.ts'
import {
  anObservedContainer,
  anObservedPod,
  anObservedSandbox,
  created,
  exited,
  nothing,
  nowMs,
} from '../../builders/observed.ts'
import { aContainer, aPod, containersNamed } from '../../builders/pod.ts'

const ready = podFacts({ images: imagesOf('main') })
const dead = anObservedSandbox({ state: exited(), ips: [] })

function plan(pod: Pod, observed: ObservedPod, facts: PodFacts = ready): readonly PodAction[] {
  return computePodActions(pod, observed, facts)
}

describe('the plan of a Pod whose sandbox is of no use', () => {
  const changed = 'the sandbox does not run'
  const pod = aPod({ spec: { containers: containersNamed('a', 'b') } })
  const facts = podFacts({ images: imagesOf('a', 'b') })

  it('first kills all that runs', () => {
    const containers = [anObservedContainer({ name: 'a' }), anObservedContainer({ name: 'b' })]
    assert.deepEqual(plan(pod, anObservedPod({ sandboxes: [dead], containers }), facts), [
      killContainer('a', 0, changed),
      killContainer('b', 0, changed),
    ])
    assert.deepEqual(plan(pod, anObservedPod({ sandboxes: [], containers }), facts), [
      killContainer('a', 0, 'the sandbox is gone'),
      killContainer('b', 0, 'the sandbox is gone'),
    ])
  })

  it('then stops what sandboxes run', () => {
    const sandboxes = [anObservedSandbox({ attempt: 2 }), anObservedSandbox({ attempt: 1 })]
    assert.deepEqual(plan(aPod(), anObservedPod({ sandboxes, containers: [] })), [stopSandbox(2), stopSandbox(1)])
  })

  it('then makes the next one, and removes what was created in the old one', () => {
    const containers = [
      anObservedContainer({ name: 'a', attempt: 1, state: created }),
      anObservedContainer({ name: 'b', state: exited({ exitCode: 137 }) }),
    ]
    assert.deepEqual(plan(pod, anObservedPod({ sandboxes: [dead], containers }), facts), [
      createSandbox(1, changed),
      removeContainer('a', 1, 'it was created in a sandbox that is gone'),
    ])
  })

  it('looks ahead for no image of a container that has run: it may have to wait', () => {
    const ended = anObservedContainer({ name: 'a', state: exited({ exitCode: 1 }) })
    assert.deepEqual(plan(pod, anObservedPod({ sandboxes: [dead], containers: [ended] }), podFacts()), [
      createSandbox(1, changed),
      ensureImage(aContainer({ name: 'b' }), 'its image is needed as soon as the sandbox is there'),
    ])
  })

  it('removes nothing twice', () => {
    const containers = [2, 1, 0].map((attempt) => anObservedContainer({ attempt, state: created }))
    const sandboxes = [1, 0].map((attempt) => anObservedSandbox({ attempt, state: exited() }))
    const ids = plan(aPod(), anObservedPod({ sandboxes, containers })).flatMap((action) =>
      'id' in action ? action.id : [],
    )
    assert.deepEqual(ids.toSorted(), ['main-0', 'main-1', 'main-2'])
  })

  it('removes a created container that is from another sandbox before it creates it anew', () => {
    const stale = anObservedContainer({ state: created, sandboxId: containerId('sandbox-9') })
    assert.deepEqual(plan(aPod(), anObservedPod({ containers: [stale] })), [
      removeContainer('main', 0, 'it was created for another sandbox or another spec'),
    ])
  })

  it('waits after a sandbox could not be made, then tries again', () => {
    const failed = (retryAtMs: number): PodFacts => ({
      ...ready,
      sandboxFailure: { reason: 'CreatePodSandboxError', message: 'no address', retryAtMs },
    })
    assert.deepEqual(plan(aPod(), nothing, failed(nowMs + 1)), [
      wait(undefined, nowMs + 1, 'CreatePodSandboxError', 'no address'),
    ])
    assert.deepEqual(plan(aPod(), nothing, failed(nowMs)), [createSandbox(0, 'the Pod has no sandbox')])
  })

  it('makes none for a Pod of which no container comes again', () => {
    const over = anObservedPod({
      sandboxes: [dead],
      containers: [anObservedContainer({ state: exited({ exitCode: 137 }) })],
    })
    assert.deepEqual(plan(aPod({ spec: { restartPolicy: 'Never' } }), over), [])
    const succeeded = anObservedPod({ sandboxes: [dead], containers: [anObservedContainer({ state: exited() })] })
    assert.deepEqual(plan(aPod({ spec: { restartPolicy: 'OnFailure' } }), succeeded), [])
  })

  it('removes the sandboxes that were replaced', () => {
    const sandboxes = [anObservedSandbox({ attempt: 1 }), dead]
    assert.deepEqual(
      plan(
        aPod(),
        anObservedPod({ sandboxes, containers: [anObservedContainer({ sandboxId: containerId('sandbox-1') })] }),
      ),
      [removeSandbox(0)],
    )
  })
})

describe('the plan of a container whose definition changed', () => {
  const updated = aContainer({ image: 'busybox:1.37' })
  const pod = aPod({ spec: { containers: [updated], restartPolicy: 'Never' } })

  it('kills it in order to start it anew, with its full grace', () => {
    assert.deepEqual(plan(pod, anObservedPod()), [
      {
        kind: 'kill-container',
        id: 'main-0',
        containerName: 'main',
        step: { kind: 'stop', graceSeconds: 30 },
        graceSeconds: 30,
        message: 'Container main definition changed, will be restarted',
        thenRestart: true,
        reason: 'its definition changed',
      },
    ])
  })

  it('then creates it anew, under any policy and at once, however long its back-off', () => {
    const ended = anObservedPod({ containers: [anObservedContainer({ state: exited() })] })
    const facts: PodFacts = {
      ...ready,
      killedForRestart: new Set([containerId('main-0')]),
      backOffs: new Map([['main', { delayMs: 300_000, updatedAtMs: nowMs - 60_000 }]]),
    }
    assert.deepEqual(plan(pod, ended, facts), [createContainer(updated, 1)])
  })

  it('removes one that was created and not started', () => {
    assert.deepEqual(plan(pod, anObservedPod({ containers: [anObservedContainer({ state: created })] })), [
      removeContainer('main', 0, 'it was created for another sandbox or another spec'),
    ])
  })

  it('holds up no other container', () => {
    const containers = [updated, aContainer({ name: 'side' })]
    const observed = anObservedPod({
      containers: [anObservedContainer(), anObservedContainer({ name: 'side', state: created })],
    })
    assert.deepEqual(
      plan(aPod({ spec: { containers } }), observed).map(({ kind }) => kind),
      ['kill-container', 'start-container'],
    )
  })
})

describe('the plan of a container of which more than one instance runs', () => {
  it('kills those that are not the newest, before anything else', () => {
    const containers = [2, 1, 0].map((attempt) => anObservedContainer({ attempt }))
    assert.deepEqual(plan(aPod(), anObservedPod({ containers })), [
      killContainer('main', 1, 'a newer instance took its place'),
      killContainer('main', 0, 'a newer instance took its place'),
    ])
  })

  for (const state of [created, exited({ exitCode: 1 })]) {
    it(`starts nothing while an older one runs and the newest is ${state.phase}`, () => {
      const containers = [anObservedContainer({ attempt: 1, state }), anObservedContainer()]
      for (const restartPolicy of ['Always', 'Never']) {
        assert.deepEqual(plan(aPod({ spec: { restartPolicy } }), anObservedPod({ containers })), [
          killContainer('main', 0, 'a newer instance took its place'),
        ])
      }
    })
  }
})
