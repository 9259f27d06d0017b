import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { endContainers } from '../../../src/plan/end-containers.ts'
import { aKill, podFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited, nowMs } from '../../builders/observed.ts'
import { aContainer, aPod, containersNamed } from '../../builders/pod.ts'

const pod = aPod({
  spec: {
    initContainers: [
      aContainer({ name: 'setup' }),
      aContainer({ name: 'proxy', restartPolicy: 'Always' }),
      aContainer({ name: 'logs', restartPolicy: 'Always' }),
    ],
    containers: containersNamed('web', 'worker'),
  },
})
const facts = podFacts()

/** What is done now about each that runs, when these do and all of them were told ten seconds ago or never. */
function ends(names: readonly string[], toldSecondsAgo?: number): readonly string[] {
  const containers = ['setup', 'proxy', 'logs', 'web', 'worker'].map((name) =>
    anObservedContainer(names.includes(name) ? { name } : { name, state: exited() }),
  )
  const told = toldSecondsAgo === undefined ? [] : containers
  const sinceMs = nowMs - (toldSecondsAgo ?? 0) * 1000
  const kills = new Map(told.map(({ id }) => [id, aKill({ sinceMs, step: { kind: 'awaiting-turn' } })]))
  const reason = 'the Pod is terminating'
  return endContainers(anObservedPod({ containers }), { ...facts, kills, pod, graceSeconds: 30, reason }).map(
    (action, index) => {
      const name = containers.filter(({ state }) => state.phase === 'running')[index]?.name
      if (action.kind !== 'kill-container') return `${name} waits`
      assert.equal(action.containerName, name)
      return action.step.kind === 'stop' ? `${name} stop ${action.step.graceSeconds}` : `${name} ${action.step.kind}`
    },
  )
}

describe('the end of containers', () => {
  it('is told to all at once, and comes to the regular ones first, side by side', () => {
    assert.deepEqual(ends(['proxy', 'logs', 'web', 'worker']), [
      'proxy await-turn',
      'logs await-turn',
      'web stop 30',
      'worker stop 30',
    ])
    assert.deepEqual(ends(['proxy', 'logs', 'worker'], 10), ['proxy waits', 'logs waits', 'worker stop 20'])
  })

  it('comes to sidecars one by one, the last first, with what is left of the grace', () => {
    assert.deepEqual(ends(['proxy', 'logs'], 10), ['proxy waits', 'logs stop 20'])
    assert.deepEqual(ends(['proxy'], 18), ['proxy stop 12'])
  })

  it('comes to all of them together when the grace is used up', () => {
    assert.deepEqual(ends(['proxy', 'logs', 'web'], 30), ['proxy stop 2', 'logs stop 2', 'web stop 2'])
  })

  it('comes to an init container at once, and lets no sidecar wait for it', () => {
    assert.deepEqual(ends(['setup', 'proxy']), ['setup stop 30', 'proxy stop 30'])
  })

  it('comes to all at once where the spec is gone', () => {
    const containers = ['proxy', 'web'].map((name) => anObservedContainer({ name }))
    const steps = endContainers(anObservedPod({ containers }), {
      ...facts,
      pod: undefined,
      graceSeconds: 2,
      reason: 'nobody wants it',
    }).map((action) => action.kind === 'kill-container' && action.step)
    assert.deepEqual(steps, [
      { kind: 'stop', graceSeconds: 2 },
      { kind: 'stop', graceSeconds: 2 },
    ])
  })

  it('is over when nothing runs', () => assert.deepEqual(ends([]), []))
})
