import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { restartAll, restartUnderWay, type LastInstances } from '../../../src/model/restart-all.ts'
import { anObservedContainer, anObservedPod, created, exited, running } from '../../builders/observed.ts'
import { aContainer, aContainerStatus, aPod } from '../../builders/pod.ts'

const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [42] } }]
const pod = aPod({
  spec: {
    initContainers: [aContainer({ name: 'init' }), aContainer({ name: 'side', restartPolicy: 'Always' })],
    containers: [aContainer({ name: 'source', restartPolicy: 'Never', restartPolicyRules }), aContainer()],
    ephemeralContainers: [aContainer({ name: 'debug' })],
  },
})

const is = (name: string, state: ObservedContainer['state'], attempt = 0): ObservedContainer =>
  anObservedContainer({ name, state, attempt })
const fit = exited({ exitCode: 42 })
const others = [is('main', running), is('side', running), is('init', exited()), is('debug', running)]

/** How far it has come, what asks for it and what goes with that, in a line. */
function progress(containers: readonly ObservedContainer[], underWay?: LastInstances, of = pod): string {
  const found = restartAll(of, anObservedPod({ containers }), underWay)
  if (found.kind !== 'removing') return found.kind
  const ids = (instances: readonly ObservedContainer[]): string => instances.map(({ id }) => id).join(' ')
  return `${ids(found.others)} | ${ids(found.triggers)}`
}

/** All of these had their first instance when it was said that this has begun. */
const underWay = new Map(['source', 'main', 'init', 'side'].map((name) => [name, 0]))

describe('what is to go in a restart of all containers', () => {
  const conditions = [{ type: 'AllContainersRestarting', status: 'True' }]
  const unmade = { ...aContainerStatus({ name: 'later', state: { waiting: {} } }), containerID: '' }

  it('is what was there when the status said that it has begun', () => {
    const containerStatuses = [aContainerStatus({ restartCount: 2 }), unmade]
    assert.deepEqual(restartUnderWay({ conditions, containerStatuses }), new Map([['main', 2]]))
  })

  it('is nothing while no status says so', () => {
    const over = conditions.map((condition) => ({ ...condition, status: 'False' }))
    assert.equal(restartUnderWay({ conditions: over, containerStatuses: [aContainerStatus()] }), undefined)
    assert.equal(restartUnderWay(undefined), undefined)
  })
})

describe('a restart of all containers of a Pod', () => {
  it('is due when a container ends with an exit code for which its rule says so', () => {
    assert.equal(progress([is('source', fit), ...others]), 'main-0 init-0 side-0 | source-0')
  })

  it('is not due while that container runs, waits, or has ended in another way', () => {
    for (const state of [running, created, exited({ exitCode: 1 }), exited()]) {
      assert.equal(progress([is('source', state), ...others]), 'none')
    }
  })

  it('takes every instance of every container with it, the regular ones first, but for ephemeral ones', () => {
    const containers = [
      is('source', fit, 1),
      is('source', exited({ exitCode: 1 }), 0),
      is('main', running, 1),
      ...others,
    ]
    assert.equal(progress(containers), 'source-0 main-1 main-0 init-0 side-0 | source-1')
  })

  it('is not due for an instance before the last', () => {
    assert.equal(progress([is('source', running, 1), is('source', fit, 0)]), 'none')
  })

  it('goes on once it has begun, until nothing is left', () => {
    assert.equal(progress(others, underWay), 'main-0 init-0 side-0 | ')
    assert.equal(progress([is('debug', running)], underWay), 'removed')
  })

  it('spares what has been started anew by an agent that had no time to say so', () => {
    assert.equal(
      progress([is('main', running, 1), is('init', exited(), 1), is('side', running, 1)], underWay),
      'removed',
    )
    assert.equal(progress([is('main', running, 1), is('side', running)], underWay), 'side-0 | ')
    assert.equal(progress([is('main', running)], new Map([['side', 0]])), 'removed')
  })

  it('begins once more when that ends in such a way too', () => {
    const again = [is('source', fit, 1), is('main', running, 1), is('side', running, 1)]
    assert.equal(progress(again, underWay), 'main-1 side-1 | source-1')
  })

  it('does not happen to a Pod without such a rule', () => {
    assert.equal(progress([is('main', fit)], underWay, aPod()), 'none')
  })

  it('is asked for by init containers too', () => {
    const init = aContainer({ name: 'init', restartPolicy: 'Never', restartPolicyRules })
    assert.equal(progress([is('init', fit)], undefined, aPod({ spec: { initContainers: [init] } })), ' | init-0')
  })
})
