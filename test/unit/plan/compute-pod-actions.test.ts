import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import type { Pod } from '../../../src/model/kube.ts'
import type { ObservedPod } from '../../../src/model/observed.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import {
  createContainer,
  createSandbox,
  ensureImage,
  prepareVolumes,
  removeContainer,
  startContainer,
  startSandbox,
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

const main = aContainer()
const ready = podFacts({ images: imagesOf('main') })
const unstarted = anObservedSandbox({ state: created, ips: [] })
const dead = anObservedSandbox({ state: exited(), ips: [] })

function plan(pod: Pod, observed: ObservedPod, facts: PodFacts = ready): readonly PodAction[] {
  return computePodActions(pod, observed, facts)
}

describe('the plan of a new Pod', () => {
  it('makes its sandbox, its volumes and looks for its images, all at once', () => {
    const containers = containersNamed('a', 'b')
    const facts = podFacts({ volumes: { kind: 'unprepared' }, images: imagesOf('a') })
    assert.deepEqual(plan(aPod({ spec: { containers } }), nothing, facts), [
      createSandbox(0, 'the Pod has no sandbox'),
      prepareVolumes,
      ensureImage(aContainer({ name: 'b' }), 'its image is needed as soon as the sandbox is there'),
    ])
  })

  it('looks for no image of a container that must not start', () => {
    const facts = podFacts({ refused: new Map([['main', 'spec.hostPID is not supported by minikubelet']]) })
    assert.deepEqual(plan(aPod(), nothing, facts), [createSandbox(0, 'the Pod has no sandbox')])
  })

  it('starts the sandbox while it creates the containers in it', () => {
    assert.deepEqual(plan(aPod(), anObservedPod({ sandboxes: [unstarted], containers: [] })), [
      startSandbox,
      createContainer(main),
    ])
  })

  it('starts no container before the sandbox runs', () => {
    const observed = anObservedPod({ sandboxes: [unstarted], containers: [anObservedContainer({ state: created })] })
    assert.deepEqual(plan(aPod(), observed), [startSandbox])
  })

  it('looks for an image that is not known, then creates the container, then starts it', () => {
    const empty = anObservedPod({ containers: [] })
    assert.deepEqual(plan(aPod(), empty, podFacts()), [ensureImage(main)])
    assert.deepEqual(plan(aPod(), empty), [createContainer(main)])
    assert.deepEqual(plan(aPod(), anObservedPod({ containers: [anObservedContainer({ state: created })] })), [
      startContainer(main),
    ])
  })

  it('is empty once everything runs', () => {
    assert.deepEqual(plan(aPod(), anObservedPod()), [])
  })

  it('creates a container once more for every container of the same image', () => {
    const containers = containersNamed('a', 'b')
    const facts = podFacts({ images: imagesOf('a', 'b') })
    assert.deepEqual(
      plan(aPod({ spec: { containers } }), anObservedPod({ containers: [] }), facts),
      containers.map((container) => createContainer(container)),
    )
  })
})

describe('the plan of a Pod whose volumes are not there', () => {
  const empty = anObservedPod({ containers: [] })

  it('makes them, and creates no container before', () => {
    assert.deepEqual(plan(aPod(), empty, { ...ready, volumes: { kind: 'unprepared' } }), [prepareVolumes])
  })

  it('waits after a failure, then tries again', () => {
    const failed = (retryAtMs: number): PodFacts => ({
      ...ready,
      volumes: { kind: 'failed', message: 'no folder', retryAtMs, objectChanges: 0 },
    })
    const waits = wait(undefined, nowMs + 1, 'FailedMount', 'no folder')
    assert.deepEqual(plan(aPod(), empty, failed(nowMs + 1)), [waits])
    assert.deepEqual(plan(aPod(), nothing, failed(nowMs + 1)), [createSandbox(0, 'the Pod has no sandbox'), waits])
    assert.deepEqual(plan(aPod(), empty, failed(nowMs)), [{ kind: 'prepare-volumes', reason: 'the last try failed' }])
  })

  it('starts no container that is already created', () => {
    const observed = anObservedPod({ containers: [anObservedContainer({ state: created })] })
    assert.deepEqual(plan(aPod(), observed, { ...ready, volumes: { kind: 'unprepared' } }), [prepareVolumes])
  })
})

describe('the order of the containers', () => {
  const containers = containersNamed('a', 'b', 'c')
  const [a = main, b = main, c = main] = containers
  const pod = aPod({ spec: { containers } })
  const createdAll = containers.map(({ name }) => anObservedContainer({ name, state: created }))
  const images = imagesOf('a', 'b', 'c')

  it('is that of the spec, for those that are ready', () => {
    assert.deepEqual(
      plan(pod, anObservedPod({ containers: createdAll })),
      [a, b, c].map((one) => startContainer(one)),
    )
    const firstRuns = createdAll.with(0, anObservedContainer({ name: 'a' }))
    assert.deepEqual(plan(pod, anObservedPod({ containers: firstRuns })), [startContainer(b), startContainer(c)])
  })

  it('has those behind one with a hook wait for that', () => {
    const hooked = { ...b, lifecycle: { postStart: { exec: { command: ['true'] } } } }
    const actions = plan(aPod({ spec: { containers: [a, hooked, c] } }), anObservedPod({ containers: createdAll }))
    assert.deepEqual(actions, [startContainer(a), startContainer(hooked)])
  })

  it('does not count for one that has run and is started anew: those behind it never had their first turn', () => {
    const again = [anObservedContainer({ name: 'a', attempt: 1, state: created }), ...createdAll.slice(1)]
    const before = anObservedContainer({ name: 'a', state: exited({ exitCode: 1 }) })
    const due = plan(pod, anObservedPod({ containers: [before, ...createdAll.slice(1)] }), podFacts({ images }))
    assert.deepEqual(due, [createContainer(a, 1), startContainer(b), startContainer(c)])
    const made = plan(pod, anObservedPod({ containers: [...again, before] }))
    assert.deepEqual(made, [startContainer(a, 1), startContainer(b), startContainer(c)])
  })

  it('is kept where the first is not created yet: those behind it are prepared only', () => {
    const observed = anObservedPod({ containers: createdAll.slice(1) })
    assert.deepEqual(plan(pod, observed, podFacts({ images })), [createContainer(a)])
    assert.deepEqual(
      plan(pod, observed, podFacts({ images: new Map([['a', { kind: 'pulling', after: undefined }]]) })),
      [],
    )
    const onlyLast = anObservedPod({ containers: createdAll.slice(2) })
    assert.deepEqual(plan(pod, onlyLast, podFacts({ images: imagesOf('b') })), [ensureImage(a), createContainer(b)])
  })

  it('is not held up by one that waits, has failed or is done', () => {
    const observed = anObservedPod({ containers: createdAll.slice(1) })
    const waits: readonly Partial<PodFacts>[] = [
      { refused: new Map([['a', 'not supported']]) },
      { startFailures: new Map([['a', { reason: 'CreateContainerError', message: 'no', retryAtMs: nowMs + 1 }]]) },
      { images: new Map([['a', { kind: 'pulling', after: { reason: 'ErrImagePull', message: 'no' } }]]) },
      {
        images: new Map([
          [
            'a',
            {
              kind: 'failed',
              reason: 'ErrImagePull',
              message: '',
              failedAtMs: nowMs,
              retryAtMs: nowMs + 1,
              backOff: true,
            },
          ],
        ]),
      },
    ]
    for (const facts of waits) {
      const actions = plan(pod, observed, podFacts(facts))
      assert.deepEqual([actions[0]?.kind, ...actions.slice(1)], ['wait', startContainer(b), startContainer(c)])
    }
    const done = anObservedPod({
      containers: [anObservedContainer({ name: 'a', state: exited() }), ...createdAll.slice(1)],
    })
    assert.deepEqual(plan(aPod({ spec: { containers, restartPolicy: 'Never' } }), done), [
      startContainer(b),
      startContainer(c),
    ])
  })

  it('does not start again what runs already', () => {
    const observed = anObservedPod({ containers: [anObservedContainer({ name: 'c' }), ...createdAll.slice(0, 2)] })
    assert.deepEqual(plan(pod, observed), [startContainer(a), startContainer(b)])
    assert.deepEqual(
      plan(pod, anObservedPod({ containers: [a, b, c].map(({ name }) => anObservedContainer({ name })) })),
      [],
    )
  })
})

describe('the plan of a container that has ended', () => {
  const ended = (exitCode: number): ObservedPod =>
    anObservedPod({ containers: [anObservedContainer({ attempt: 2, state: exited({ exitCode }) })] })

  it('creates the next instance, with the next attempt', () => {
    assert.deepEqual(plan(aPod(), ended(0)), [createContainer(main, 3)])
    assert.deepEqual(plan(aPod({ spec: { restartPolicy: 'OnFailure' } }), ended(1)), [createContainer(main, 3)])
  })

  it('stops the sandbox when no container comes again, and is then empty', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never' } })
    assert.deepEqual(plan(pod, ended(1)), [stopSandbox(0)])
    assert.deepEqual(plan(pod, { ...ended(1), sandboxes: [dead] }), [])
    assert.deepEqual(plan(pod, { ...ended(1), sandboxes: [] }), [])
  })

  it('keeps the sandbox for the containers that still run', () => {
    const pod = aPod({ spec: { restartPolicy: 'Never', containers: containersNamed('a', 'b') } })
    const containers = [anObservedContainer({ name: 'a', state: exited() }), anObservedContainer({ name: 'b' })]
    assert.deepEqual(plan(pod, anObservedPod({ containers })), [])
  })

  it('collects what is left of earlier instances meanwhile', () => {
    const containers = [2, 1, 0].map((attempt) => anObservedContainer({ attempt, state: exited() }))
    assert.deepEqual(plan(aPod(), anObservedPod({ containers })), [
      createContainer(main, 3),
      removeContainer('main', 0, 'newer instances took its place'),
    ])
  })
})

describe('the plan of a container of which Docker has no record', () => {
  const empty = anObservedPod({ containers: [] })
  const vanished = (exitCode: number): PodFacts => ({
    ...ready,
    vanished: new Map([['main', { attempt: 4, exitCode }]]),
  })

  it('never runs it twice under Never: the Pod is over', () => {
    assert.deepEqual(plan(aPod({ spec: { restartPolicy: 'Never' } }), empty, vanished(137)), [stopSandbox(0)])
    assert.deepEqual(plan(aPod({ spec: { restartPolicy: 'Never' } }), nothing, vanished(0)), [])
  })

  it('runs it again under OnFailure unless it succeeded', () => {
    const pod = aPod({ spec: { restartPolicy: 'OnFailure' } })
    const again = { ...createContainer(main, 5), reason: 'it has no instance' }
    assert.deepEqual(plan(pod, empty, vanished(0)), [stopSandbox(0)])
    assert.deepEqual(plan(pod, empty, vanished(137)), [again])
  })

  it('runs it again under Always, and counts on', () => {
    assert.deepEqual(plan(aPod(), empty, vanished(0)), [{ ...createContainer(main, 5), reason: 'it has no instance' }])
  })
})
