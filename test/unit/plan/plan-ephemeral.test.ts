import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerId } from '../../../src/model/ids.ts'
import type { Pod } from '../../../src/model/kube.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import { createContainer, ensureImage, killContainer, removeContainer, startContainer } from '../../builders/actions.ts'
import { imagesOf, podFacts } from '../../builders/facts.ts'
import {
  anObservedContainer,
  anObservedPod,
  anObservedSandbox,
  created,
  exited,
  nowMs,
  running,
} from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const debug = aContainer({ name: 'debug' })
const images = imagesOf('debug', 'main', 'init')

function aDebuggedPod(spec: Partial<Pod['spec']> = {}): Pod {
  return aPod({ spec: { ephemeralContainers: [debug], ...spec } })
}

function plan(
  pod: Pod,
  containers: readonly ObservedContainer[],
  facts: Partial<PodFacts> = { images },
): readonly PodAction[] {
  return computePodActions(pod, anObservedPod({ containers }), podFacts(facts))
}

const main = anObservedContainer()
const is = (name: string, state: ObservedContainer['state'], change: Partial<ObservedContainer> = {}) =>
  anObservedContainer({ name, state, ...change })

describe('the plan of an ephemeral container', () => {
  it('looks for its image, makes it and starts it, whatever else is there', () => {
    assert.deepEqual(plan(aDebuggedPod(), [main], {}), [ensureImage(debug)])
    assert.deepEqual(plan(aDebuggedPod(), [main]), [createContainer(debug)])
    assert.deepEqual(plan(aDebuggedPod(), [main, is('debug', created)]), [startContainer(debug)])
    assert.deepEqual(plan(aDebuggedPod(), [main, is('debug', running)]), [])
  })

  it('is carried out while init containers run, and while they back off', () => {
    const pod = aDebuggedPod({ initContainers: [aContainer({ name: 'init' })] })
    assert.deepEqual(plan(pod, [is('init', running)]), [createContainer(debug)])
    const backOffs = new Map([['init', { delayMs: 300_000, updatedAtMs: nowMs }]])
    const kinds = plan(pod, [is('init', exited({ exitCode: 1 }))], { images, backOffs }).map(({ kind }) => kind)
    assert.deepEqual(kinds, ['create-container', 'wait'])
  })

  it('holds up nobody, and waits for nobody', () => {
    const pulling = new Map([...imagesOf('main'), ['debug', { kind: 'pulling', after: undefined }] as const])
    assert.deepEqual(plan(aDebuggedPod(), [is('main', created)], { images: pulling }), [startContainer(aContainer())])
    const mainPulling = new Map([...imagesOf('debug'), ['main', { kind: 'pulling', after: undefined }] as const])
    assert.deepEqual(plan(aDebuggedPod(), [is('debug', created)], { images: mainPulling }), [startContainer(debug)])
  })

  it('is none once it has run, however it ended', () => {
    for (const state of [exited(), exited({ exitCode: 1 }), exited({ exitCode: 127, cannotRun: true })]) {
      assert.deepEqual(plan(aDebuggedPod(), [main, is('debug', state)]), [])
    }
  })

  it('is none where its record is gone', () => {
    const vanished = new Map([['debug', { attempt: 0, exitCode: 137 }]])
    assert.deepEqual(plan(aDebuggedPod(), [main], { images, vanished }), [])
  })

  it('is none in a new sandbox for one that has run, while one that has not is made anew', () => {
    const observed = (state: ObservedContainer['state']) =>
      anObservedPod({
        sandboxes: [anObservedSandbox({ attempt: 1 })],
        containers: [is('main', running, { sandboxId: containerId('sandbox-1'), attempt: 1 }), is('debug', state)],
      })
    assert.deepEqual(computePodActions(aDebuggedPod(), observed(exited()), podFacts({ images })), [])
    assert.deepEqual(computePodActions(aDebuggedPod(), observed(created), podFacts({ images })), [
      removeContainer('debug', 0, 'it was created for another sandbox or another spec'),
    ])
  })

  it('joins the processes of the container that it is to look at', () => {
    const pod = aDebuggedPod({ ephemeralContainers: [{ ...debug, targetContainerName: 'main' }] })
    const target = (actions: readonly PodAction[]) => {
      const create = actions.find(({ kind }) => kind === 'create-container')
      return create?.kind === 'create-container' ? create.target : undefined
    }
    const successor = is('main', running, { attempt: 1 })
    assert.deepEqual(target(plan(pod, [successor, is('main', exited())])), { containerName: 'main', id: 'main-1' })
    const elsewhere = aDebuggedPod({ ephemeralContainers: [{ ...debug, targetContainerName: 'other' }] })
    assert.deepEqual(target(plan(elsewhere, [main])), { containerName: 'other', id: undefined })
  })

  it('is its end where all others have ended for good', () => {
    const pod = aDebuggedPod({ restartPolicy: 'Never' })
    assert.deepEqual(plan(pod, [is('main', exited()), is('debug', running)]), [
      killContainer('debug', 0, 'every container has ended for good'),
    ])
  })
})
