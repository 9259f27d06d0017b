import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deadContainers, type DeadContainerPolicy, type JudgedPod } from '../../../src/garbage/dead-containers.ts'
import { containerId, podUid } from '../../../src/model/ids.ts'
import { anObservedContainer, anObservedSandbox, created, exited, nowMs, running } from '../../builders/observed.ts'

const usual: DeadContainerPolicy = { minAgeMs: 0, perContainer: 1, total: -1 }

type Containers = Readonly<Record<string, 'running' | 'exited' | 'created'>>

/** A Pod with these containers, `main-1`, each created a second after the one of the number before, in one sandbox. */
function aPod(name: string, containers: Containers, change: Partial<Omit<JudgedPod, 'observed'>> = {}): JudgedPod {
  const states = { running, exited: exited(), created }
  return {
    standing: 'wanted',
    ...change,
    observed: {
      uid: podUid(name),
      sandboxes: [anObservedSandbox({ id: containerId(`${name}/pause-0`), state: exited() })],
      containers: Object.entries(containers)
        .map(([instance, phase]) => {
          const [container = '', attempt = ''] = instance.split('-')
          return anObservedContainer({
            id: containerId(`${name}/${instance}`),
            name: container,
            attempt: Number(attempt),
            sandboxId: containerId(`${name}/pause-0`),
            createdAtMs: nowMs - 60_000 + Number(attempt) * 1000,
            state: states[phase],
          })
        })
        .toSorted((a, b) => b.attempt - a.attempt),
    },
  }
}

function removed(
  pods: readonly JudgedPod[],
  policy: Partial<DeadContainerPolicy> = {},
  isShort = false,
): readonly string[] {
  const garbage = deadContainers(pods, { policy: { ...usual, ...policy }, nowMs, isShort })
  return [...garbage.values()].flatMap((ids) => [...ids]).toSorted()
}

describe('deadContainers', () => {
  it('keeps one dead instance of each container, whether or not another runs', () => {
    const pods = [
      aPod('web', { 'main-2': 'running', 'main-1': 'exited', 'main-0': 'exited', 'side-0': 'exited' }),
      aPod('job', { 'main-2': 'exited', 'main-1': 'exited', 'main-0': 'exited' }),
    ]
    assert.deepEqual(removed(pods), ['job/main-0', 'job/main-1', 'web/main-0'])
    assert.deepEqual(removed(pods, { perContainer: 2 }), ['job/main-0'])
    assert.deepEqual(removed(pods, { perContainer: -1 }), [])
  })

  it('counts one that was never started as dead', () => {
    assert.deepEqual(removed([aPod('web', { 'main-1': 'exited', 'main-0': 'created' })]), ['web/main-0'])
  })

  it('leaves alone what is younger than the least age', () => {
    const pod = aPod('web', { 'main-30': 'exited', 'main-20': 'exited', 'main-10': 'exited', 'main-0': 'exited' })
    assert.deepEqual(removed([pod], { minAgeMs: 45_000 }), ['web/main-0'])
  })

  it('keeps the last of a container of a Pod that goes on, whatever the bounds', () => {
    const pod = aPod('web', { 'main-1': 'exited', 'main-0': 'exited', 'init-0': 'exited' })
    assert.deepEqual(removed([pod], { perContainer: 0 }), ['web/main-0'])
    assert.deepEqual(removed([pod], { perContainer: -1, total: 0 }), ['web/main-0'])
    const over = aPod('web', { 'main-0': 'exited' }, { standing: 'over' })
    assert.deepEqual(removed([over], { perContainer: 0 }), ['web/main-0'])
  })

  it('shares the bound of the node among all containers, and then takes the oldest', () => {
    const pods = [
      aPod('a', { 'main-9': 'running', 'main-4': 'exited', 'main-3': 'exited', 'main-2': 'exited' }),
      aPod('b', { 'main-9': 'running', 'main-6': 'exited', 'main-5': 'exited' }),
    ]
    const policy = { perContainer: -1 }
    assert.deepEqual(removed(pods, { ...policy, total: 5 }), [])
    assert.deepEqual(removed(pods, { ...policy, total: 4 }), ['a/main-2'])
    assert.deepEqual(removed(pods, { ...policy, total: 3 }), ['a/main-2', 'a/main-3', 'b/main-5'])
    assert.deepEqual(removed(pods, { ...policy, total: 1 }), ['a/main-2', 'a/main-3', 'a/main-4', 'b/main-5'])
  })

  it('removes all that is left of a Pod that was evicted, its sandbox too', () => {
    const pod = aPod('web', { 'main-1': 'exited', 'side-0': 'exited' }, { standing: 'evicted' })
    assert.deepEqual(removed([pod]), ['web/main-1', 'web/pause-0', 'web/side-0'])
  })

  it('keeps what is over for its logs, unless the node is short of disk', () => {
    const pods = [aPod('job', { 'main-0': 'exited' }, { standing: 'over' }), aPod('web', { 'main-0': 'exited' })]
    assert.deepEqual(removed(pods), [])
    assert.deepEqual(removed(pods, {}, true), ['job/main-0', 'job/pause-0'])
  })

  it('keeps the newest sandbox, those that run, and those that have a container left', () => {
    const sandboxes = [4, 3, 2, 1].map((attempt) =>
      anObservedSandbox({ attempt, id: containerId(`pause-${attempt}`), ...(attempt !== 3 && { state: exited() }) }),
    )
    const containers = [
      anObservedContainer({ attempt: 1, state: exited(), sandboxId: containerId('pause-2') }),
      anObservedContainer({ attempt: 0, state: exited(), sandboxId: containerId('pause-1') }),
    ]
    const observed = { uid: podUid('web'), sandboxes, containers }
    assert.deepEqual(removed([{ standing: 'wanted', observed }]), ['main-0', 'pause-1'])
  })

  it('removes no sandbox that runs, not even of an evicted Pod', () => {
    const observed = { uid: podUid('web'), sandboxes: [anObservedSandbox()], containers: [] }
    assert.deepEqual(removed([{ standing: 'evicted', observed }]), [])
  })
})
