import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, PodSpec, PodStatus } from '../../../src/model/kube.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import { podStatus } from '../../../src/status/pod-status.ts'
import { statusPatch } from '../../../src/status/status-patch.ts'
import { statusFacts } from '../../builders/facts.ts'
import { anObservedContainer, anObservedPod, exited, running } from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const setup = aContainer({ name: 'setup' })
const proxy = aContainer({ name: 'proxy', restartPolicy: 'Always' })

function statusOf(containers: readonly ObservedContainer[], spec: Partial<PodSpec> = {}, podIsOver = false): PodStatus {
  const pod = aPod({ spec: { initContainers: [setup, proxy], ...spec } })
  return podStatus(pod, anObservedPod({ containers }), statusFacts({ podIsOver }))
}

const is = (name: string, state: ObservedContainer['state']): ObservedContainer => anObservedContainer({ name, state })

/** `name reason-or-state ready started` of each. */
function inShort(statuses: readonly ContainerStatus[] = []): readonly string[] {
  return statuses.map(({ name, state, ready, started }) => {
    const what = state?.waiting?.reason ?? state?.terminated?.reason ?? 'running'
    return `${name} ${what}${ready ? ' ready' : ''}${started === true ? ' started' : ''}`
  })
}

function conditionOf(status: PodStatus, type: string): string {
  const found = status.conditions?.find((condition) => condition.type === type)
  return [found?.status, found?.reason, found?.message].filter((part) => part !== undefined).join(' ')
}

describe('the status of a Pod with init containers', () => {
  it('is pending while they run, and everybody else waits for them', () => {
    const status = statusOf([is('setup', running)])
    assert.equal(status.phase, 'Pending')
    assert.deepEqual(inShort(status.initContainerStatuses), ['setup running started', 'proxy PodInitializing'])
    assert.deepEqual(inShort(status.containerStatuses), ['main PodInitializing'])
    assert.equal(
      conditionOf(status, 'Initialized'),
      'False ContainersNotInitialized containers with incomplete status: [setup proxy]',
    )
    assert.equal(conditionOf(status, 'Ready'), 'False ContainersNotReady containers with unready status: [proxy main]')
  })

  it('is initialized when all have succeeded and the sidecars run', () => {
    const status = statusOf([is('setup', exited()), is('proxy', running)])
    assert.equal(status.phase, 'Pending')
    assert.deepEqual(inShort(status.initContainerStatuses), ['setup Completed ready', 'proxy running ready started'])
    assert.equal(conditionOf(status, 'Initialized'), 'True')
  })

  it('is running and ready with its regular containers and its sidecars', () => {
    const status = statusOf([is('setup', exited()), is('proxy', running), is('main', running)])
    assert.equal(status.phase, 'Running')
    assert.equal(conditionOf(status, 'Ready'), 'True')
  })

  it('is not ready, but still running and initialized, while a sidecar is down', () => {
    const status = statusOf([is('setup', exited()), is('proxy', exited({ exitCode: 1 })), is('main', running)])
    assert.equal(status.phase, 'Running')
    assert.equal(conditionOf(status, 'Initialized'), 'True')
    assert.equal(conditionOf(status, 'Ready'), 'False ContainersNotReady containers with unready status: [proxy]')
  })

  it('has failed when an init container has, under Never; the others were never there', () => {
    const status = statusOf([is('setup', exited({ exitCode: 1 }))], { restartPolicy: 'Never' })
    assert.equal(status.phase, 'Failed')
    assert.deepEqual(inShort(status.containerStatuses), ['main PodInitializing'])
  })

  it('says the same when all of it is over', () => {
    const status = statusOf([is('setup', exited({ exitCode: 1 }))], { restartPolicy: 'Never' }, true)
    assert.equal(status.phase, 'Failed')
    assert.deepEqual(inShort(status.initContainerStatuses), ['setup Error', 'proxy PodInitializing'])
    assert.deepEqual(inShort(status.containerStatuses), ['main PodInitializing'])
    assert.equal(
      conditionOf(status, 'Initialized'),
      'False ContainersNotInitialized containers with incomplete status: [setup proxy]',
    )
  })

  it('tells of the success of an init container, under OnFailure, while that runs again in a new sandbox', () => {
    const pod = aPod({ spec: { initContainers: [setup], restartPolicy: 'OnFailure' } })
    const facts = statusFacts()
    const previous = podStatus(pod, anObservedPod({ containers: [is('setup', exited()), is('main', running)] }), facts)
    const containers = [is('setup', running), is('main', exited({ exitCode: 137 }))]
    const status = podStatus(pod, anObservedPod({ containers }), statusFacts({ previous }))
    assert.deepEqual(status.initContainerStatuses, previous.initContainerStatuses)
    assert.deepEqual(inShort(status.containerStatuses), ['main Error'])
  })

  it('takes an init container of which nothing is known for one that succeeded once a regular one is there', () => {
    const status = statusOf([is('proxy', running), is('main', running)])
    assert.deepEqual(status.initContainerStatuses?.[0]?.state, {
      terminated: {
        exitCode: 0,
        reason: 'Completed',
        message:
          'Unable to get init container status from container runtime and pod has been initialized, treat it as exited normally',
      },
    })
    assert.equal(status.phase, 'Running')
    assert.deepEqual(inShort(statusOf([is('proxy', running)]).initContainerStatuses), [
      'setup PodInitializing',
      'proxy running ready started',
    ])
  })

  it('is the same at each look while an init container of which nothing is known waits to run once more', () => {
    const pod = aPod({ spec: { initContainers: [setup] } })
    const observed = anObservedPod({ containers: [is('main', running)] })
    const waiting = new Map([['setup', { reason: 'ErrImageNeverPull', message: 'not here' }]])
    let previous: PodStatus | undefined
    const looks = [1, 2, 3].map(() => {
      previous = podStatus(pod, observed, statusFacts({ waiting, previous }))
      return inShort(previous.initContainerStatuses)
    })
    assert.deepEqual(looks, Array(3).fill(['setup ErrImageNeverPull']))
  })

  it('is pending while an init container that failed is tried again', () => {
    const status = statusOf([is('setup', exited({ exitCode: 1 }))], { restartPolicy: 'OnFailure' })
    assert.equal(status.phase, 'Pending')
  })

  it('has succeeded with its regular containers, however its sidecars ended', () => {
    const ended = [is('setup', exited()), is('proxy', exited({ exitCode: 137 })), is('main', exited())]
    assert.equal(statusOf(ended, { restartPolicy: 'Never' }).phase, 'Succeeded')
    assert.equal(statusOf(ended, { restartPolicy: 'Never' }, true).phase, 'Succeeded')
  })

  it('is patched with what its init containers do', () => {
    const before = statusOf([is('setup', running)])
    const after = statusOf([is('setup', exited())])
    assert.equal(statusPatch(before, before), undefined)
    assert.deepEqual(statusPatch(before, after)?.['initContainerStatuses'], after.initContainerStatuses)
  })
})
