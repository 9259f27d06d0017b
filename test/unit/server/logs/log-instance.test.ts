import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import type { ContainerStatus, Pod, PodStatus } from '../../../../src/model/kube.ts'
import { logInstance, requireContainer } from '../../../../src/server/logs/log-instance.ts'
import { aContainer, aContainerStatus, aPod } from '../../../builders/pod.ts'

type State = NonNullable<ContainerStatus['state']>

const running = { running: { startedAt: '2026-01-01T00:00:00Z' } }
const ended = (containerID: string): State => ({ terminated: { exitCode: 1, containerID } })
const waiting = (reason: string): State => ({ waiting: { reason } })

describe('The instance whose log is meant', () => {
  it('is the one that runs, whatever was before', () => {
    const status = { state: running, lastState: ended('docker://old'), containerID: 'docker://now' }
    assert.equal(instance(status), 'docker://now')
    assert.equal(instance(status, true), 'docker://old')
  })

  it('is the one that ended last', () => {
    assert.equal(instance({ state: ended('docker://over'), lastState: ended('docker://old') }), 'docker://over')
    assert.equal(instance({ state: ended(''), lastState: ended('docker://old') }), 'docker://old')
    assert.equal(instance({ state: waiting('CrashLoopBackOff'), lastState: ended('docker://old') }), 'docker://old')
    assert.equal(instance({ state: waiting('ErrImagePull'), lastState: ended('docker://old') }, true), 'docker://old')
  })

  it('is found for init containers and ephemeral ones too', () => {
    const lists = ['initContainerStatuses', 'ephemeralContainerStatuses'] as const
    for (const list of lists) {
      const name = list === 'initContainerStatuses' ? 'init' : 'debugger'
      const status = aContainerStatus({ name, state: running, containerID: `docker://${name}` })
      assert.equal(logInstance(pod({ [list]: [status] }), name, false), `docker://${name}`)
    }
  })

  const refused: readonly (readonly [string, Partial<ContainerStatus>, boolean, string])[] = [
    ['image not there', { state: waiting('ErrImagePull') }, false, "is waiting to start: image can't be pulled"],
    [
      'image not there for long',
      { state: waiting('ImagePullBackOff') },
      false,
      'is waiting to start: trying and failing to pull image',
    ],
    ['being made', { state: waiting('ContainerCreating') }, false, 'is waiting to start: ContainerCreating'],
    ['waiting for no reason', { state: { waiting: {} } }, false, 'is waiting to start: '],
    ['in no state', { state: {} }, false, 'is waiting to start - no logs yet'],
    ['over without an instance', { state: ended('') }, false, 'is terminated'],
    ['over twice without one', { state: ended(''), lastState: ended('') }, false, 'is terminated'],
    ['waiting after none', { state: waiting('CrashLoopBackOff'), lastState: ended('') }, false, 'is terminated'],
  ]
  for (const [what, status, previous, text] of refused) {
    it(`is none of a container that is ${what}`, () => {
      assert.throws(
        () => instance(status, previous),
        new KubeletError('invalid', `container "main" in pod "web" ${text}`, { status: 400 }),
      )
    })
  }

  it('is none of before where nothing was before', () => {
    const message = 'previous terminated container "main" in pod "web" not found'
    for (const status of [
      { state: running, containerID: 'docker://now' },
      { state: running, lastState: ended('') },
    ]) {
      assert.throws(() => instance(status, true), new KubeletError('invalid', message, { status: 400 }))
    }
  })

  it('is none of a container without a status, or that the Pod does not have', () => {
    assert.throws(
      () => logInstance(pod({}), 'main', false),
      new KubeletError('invalid', 'container "main" in pod "web" is not available', { status: 400 }),
    )
    assert.throws(
      () => requireContainer(pod({}), 'other'),
      new KubeletError('not-found', 'container "other" not found in pod "web"', { status: 404 }),
    )
  })
})

function instance(status: Partial<ContainerStatus>, previous = false): string {
  return logInstance(pod({ containerStatuses: [aContainerStatus(status)] }), 'main', previous)
}

function pod(status: PodStatus): Pod {
  const spec = {
    initContainers: [aContainer({ name: 'init' })],
    ephemeralContainers: [aContainer({ name: 'debugger' })],
  }
  return aPod({ spec, status })
}
