import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import type { ContainerSpec, PodSpec } from '../../../src/model/kube.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import type { PodFacts } from '../../../src/plan/pod-facts.ts'
import { initProgress } from '../../../src/plan/init-progress.ts'
import { podFacts } from '../../builders/facts.ts'
import {
  anObservedContainer,
  anObservedPod,
  created,
  exited,
  finishedAtMs,
  running,
  startedAtMs,
} from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const first = aContainer({ name: 'first' })
const second = aContainer({ name: 'second' })
const sidecar = aContainer({ name: 'sidecar', restartPolicy: 'Always' })
const succeeded = exited()
const failed = exited({ exitCode: 1 })

interface Look {
  readonly init?: readonly ContainerSpec[]
  readonly spec?: Partial<PodSpec>
  readonly containers: readonly ObservedContainer[]
  readonly facts?: Partial<PodFacts>
  readonly sandbox?: string
}

/** How far they have come, and what is to become of those that matter, in a line. */
function progress({ init = [first, second], spec, containers, facts, sandbox = 'sandbox-0' }: Look): string {
  const pod = aPod({ spec: { initContainers: init, ...spec } })
  const { kind, decided } = initProgress(pod, anObservedPod({ containers }), containerId(sandbox), podFacts(facts))
  return [
    kind,
    ...decided.map(({ container, decision }) => `${decision.kind} ${container.name}${attempt(decision)}`),
  ].join('; ')
}

function attempt(decision: object): string {
  return 'attempt' in decision ? ` ${String(decision.attempt)}` : ''
}

const is = (name: string, state: ObservedContainer['state'], change: Partial<ObservedContainer> = {}) =>
  anObservedContainer({ name, state, ...change })

describe('init containers', () => {
  it('are done where there are none', () => assert.equal(progress({ init: [], containers: [] }), 'done'))

  it('begin with the first', () => assert.equal(progress({ containers: [] }), 'in-progress; create first 0'))

  it('wait for the one that runs', () =>
    assert.equal(progress({ containers: [is('first', running)] }), 'in-progress; keep first'))

  it('start the one that is created', () =>
    assert.equal(progress({ containers: [is('first', created)] }), 'in-progress; start first'))

  it('go on with the next after success', () =>
    assert.equal(progress({ containers: [is('first', succeeded)] }), 'in-progress; create second 0'))

  it('are done when all have succeeded', () =>
    assert.equal(progress({ containers: [is('first', succeeded), is('second', succeeded)] }), 'done'))

  it('try one that failed again', () => {
    for (const restartPolicy of ['Always', 'OnFailure']) {
      const containers = [is('first', failed)]
      assert.equal(progress({ spec: { restartPolicy }, containers }), 'in-progress; create first 1')
    }
  })

  it('fail under policy Never', () =>
    assert.equal(progress({ spec: { restartPolicy: 'Never' }, containers: [is('first', failed)] }), 'failed'))

  it('go by a restart policy of their own', () => {
    const init = [aContainer({ name: 'first', restartPolicy: 'OnFailure' })]
    const containers = [is('first', failed)]
    assert.equal(progress({ init, spec: { restartPolicy: 'Never' }, containers }), 'in-progress; create first 1')
  })

  it('all run again in a new sandbox, counting on', () => {
    const containers = [is('first', succeeded), is('second', succeeded), is('main', exited({ exitCode: 137 }))]
    assert.equal(progress({ containers, sandbox: 'sandbox-1' }), 'in-progress; create first 1')
  })

  it('are not looked at any more once a regular container is there', () => {
    for (const state of [created, running]) {
      assert.equal(progress({ containers: [is('first', failed), is('main', state)] }), 'done')
    }
  })

  it('count as they ended when their records are gone', () => {
    const vanished = new Map([['first', { attempt: 0, exitCode: 0, finishedAtMs }]])
    assert.equal(progress({ containers: [], facts: { vanished } }), 'in-progress; create second 0')
    const lost = new Map([['first', { attempt: 2, exitCode: 137 }]])
    assert.equal(progress({ containers: [], facts: { vanished: lost } }), 'in-progress; create first 3')
    assert.equal(progress({ spec: { restartPolicy: 'Never' }, containers: [], facts: { vanished: lost } }), 'failed')
  })

  it('that succeeded run again when nothing tells that it was in this sandbox', () => {
    for (const end of [{}, { finishedAtMs: startedAtMs - 2000 }]) {
      for (const restartPolicy of ['Always', 'OnFailure', 'Never']) {
        const vanished = new Map([['first', { attempt: 0, exitCode: 0, ...end }]])
        const found = progress({ spec: { restartPolicy }, containers: [], facts: { vanished } })
        assert.equal(found, 'in-progress; create first 1')
      }
    }
  })

  it('that one before a later one must have succeeded is known without its record', () => {
    assert.equal(progress({ containers: [is('second', running)] }), 'in-progress; keep second')
    assert.equal(progress({ containers: [is('second', succeeded)] }), 'done')
    const retried = progress({ containers: [is('second', failed)] })
    assert.equal(retried, 'in-progress; create second 1')
  })

  it('that run are not killed for a new image', () => {
    const containers = [is('first', running, { hash: 'old' })]
    assert.equal(progress({ containers }), 'in-progress; keep first')
  })
})

describe('sidecars', () => {
  const init = [sidecar, second]

  it('that have a startup probe let the next start when it has succeeded', () => {
    const containers = [is('sidecar', running)]
    const id = containerId('sidecar-0')
    const lines = [false, true].map((started) => {
      const probes = new Map([['sidecar', { id, started, ready: false, failed: undefined }]])
      return progress({ init, containers, facts: { probes } })
    })
    assert.deepEqual(lines, ['in-progress; keep sidecar', 'in-progress; keep sidecar; create second 0'])
  })

  it('let the next start as soon as they run', () => {
    assert.equal(progress({ init, containers: [] }), 'in-progress; create sidecar 0')
    assert.equal(progress({ init, containers: [is('sidecar', created)] }), 'in-progress; start sidecar')
    const containers = [is('sidecar', running)]
    assert.equal(progress({ init, containers }), 'in-progress; keep sidecar; create second 0')
  })

  it('let nobody start before their postStart hook has returned', () => {
    const container = is('sidecar', running)
    const postStarts = new Map([[container.id, { containerName: 'sidecar', kind: 'running' as const }]])
    assert.equal(
      progress({ init: [sidecar, second], containers: [container], facts: { postStarts } }),
      'in-progress; starting sidecar',
    )
  })

  it('are started again whenever they end, under any policy', () => {
    for (const state of [succeeded, failed]) {
      const containers = [is('sidecar', state), is('second', succeeded), is('main', running)]
      assert.equal(progress({ init, spec: { restartPolicy: 'Never' }, containers }), 'done; create sidecar 1')
    }
  })

  it('hold up nobody once a later init container is there', () => {
    const containers = [is('sidecar', failed), is('second', succeeded)]
    assert.equal(progress({ init, containers }), 'done; create sidecar 1')
    const failing = [is('sidecar', failed), is('second', failed)]
    assert.equal(progress({ init, containers: failing }), 'in-progress; create sidecar 1; create second 1')
  })

  it('stay ended when an init container behind them has failed for good', () => {
    const containers = [is('sidecar', succeeded), is('second', failed)]
    assert.equal(progress({ init, spec: { restartPolicy: 'Never' }, containers }), 'failed')
  })

  it('hold up nobody once a regular container is there', () => {
    const containers = [is('sidecar', created), is('main', running)]
    assert.equal(
      progress({ init: [sidecar, { ...sidecar, name: 'other' }], containers }),
      'done; start sidecar; create other 0',
    )
  })

  it('are replaced when their image changes', () => {
    const containers = [is('sidecar', running, { hash: 'old' }), is('second', succeeded), is('main', running)]
    assert.equal(progress({ init, containers }), 'done; kill sidecar')
  })
})
