import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import type { ContainerStatus } from '../../../src/model/kube.ts'
import { previousContainerStatus } from '../../../src/status/container-status.ts'
import { ended, statusOf, unlocated } from '../../builders/container-status.ts'
import { anObservedContainer, created, exited, running } from '../../builders/observed.ts'
import { aContainer, aContainerStatus } from '../../builders/pod.ts'

/** A container of which nothing is known yet. */
const fresh: ContainerStatus = {
  name: 'main',
  state: { waiting: { reason: 'ContainerCreating' } },
  lastState: {},
  ready: false,
  started: false,
  restartCount: 0,
  image: 'busybox:1.36',
  imageID: '',
}

const runningStatus = aContainerStatus()

describe('the status of a container that has not run', () => {
  it('is waiting to be created', () => {
    assert.deepEqual(statusOf({}), fresh)
  })

  it('shows what holds it up', () => {
    assert.deepEqual(statusOf({ waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } }), {
      ...fresh,
      state: { waiting: { reason: 'ErrImagePull', message: 'manifest unknown' } },
    })
    assert.deepEqual(statusOf({ waiting: { reason: 'ErrImagePull', message: '' } }), {
      ...fresh,
      state: { waiting: { reason: 'ErrImagePull' } },
    })
  })

  it('is waiting while Docker has it and has not started it', () => {
    assert.deepEqual(statusOf({ instances: [anObservedContainer({ state: created })] }), {
      ...fresh,
      imageID: 'docker://sha256:b0b0',
      containerID: 'docker://main-0',
      resources: {},
    })
  })

  it('ends as not located when its Pod is over', () => {
    assert.deepEqual(statusOf({ podIsOver: true }), { ...fresh, state: unlocated })
    assert.deepEqual(statusOf({ podIsOver: true, instances: [anObservedContainer({ state: created })] }), {
      ...fresh,
      state: unlocated,
      imageID: 'docker://sha256:b0b0',
      containerID: 'docker://main-0',
      resources: {},
    })
  })

  it('serves a container without an image', () => {
    assert.deepEqual(statusOf({}, { name: 'main' }), { ...fresh, image: '' })
  })
})

describe('the status of a running container', () => {
  it('is ready and started', () => {
    assert.deepEqual(statusOf({ instances: [anObservedContainer()] }), runningStatus)
  })

  it('is started and ready as its probes say', () => {
    const id = containerId('main-0')
    const flags = [
      { started: false, ready: false },
      { started: true, ready: false },
      { started: true, ready: true },
    ]
    for (const said of flags) {
      const probes = { id, ...said, failed: undefined }
      const { started, ready } = statusOf({ instances: [anObservedContainer()], probes })
      assert.deepEqual({ started, ready }, said)
    }
  })

  it('stays so while the rest of its Pod ends', () => {
    assert.deepEqual(statusOf({ instances: [anObservedContainer()], podIsOver: true }), runningStatus)
  })

  it('counts restarts and tells how the instance before it ended', () => {
    const instances = [anObservedContainer({ attempt: 3 }), anObservedContainer({ attempt: 2, state: exited() })]
    assert.deepEqual(statusOf({ instances }), {
      ...runningStatus,
      restartCount: 3,
      containerID: 'docker://main-3',
      lastState: ended(2),
    })
  })

  it('tells how the instance before it ended when only the last status knows that', () => {
    const instances = [anObservedContainer({ attempt: 3 })]
    const restarted = { ...runningStatus, restartCount: 3, containerID: 'docker://main-3' }
    const known = aContainerStatus({ state: ended(2), lastState: ended(1), containerID: 'docker://main-2' })
    assert.deepEqual(statusOf({ instances, previous: known }), { ...restarted, lastState: ended(2) })
    const previous = aContainerStatus({ ...restarted, lastState: ended(2) })
    assert.deepEqual(statusOf({ instances, previous }), { ...restarted, lastState: ended(2) })
  })

  it('tells of no end of an older instance that has not ended', () => {
    for (const state of [created, running]) {
      const instances = [anObservedContainer({ attempt: 1 }), anObservedContainer({ state })]
      assert.deepEqual(statusOf({ instances }).lastState, {})
    }
  })

  it('names the image as Docker does, not as the spec does', () => {
    const instances = [
      anObservedContainer({ image: 'docker.io/library/busybox:1.36', imageRef: 'docker-pullable://b@sha256:1' }),
    ]
    assert.deepEqual(statusOf({ instances }), {
      ...runningStatus,
      image: 'docker.io/library/busybox:1.36',
      imageID: 'docker-pullable://b@sha256:1',
    })
  })

  it('lists its mounts, and says of read-only ones that they are not recursively so', () => {
    const volumeMounts = [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/b', readOnly: true },
      { name: 'c', mountPath: '/c', readOnly: false },
    ]
    assert.deepEqual(statusOf({ instances: [anObservedContainer()] }, aContainer({ volumeMounts })), {
      ...runningStatus,
      volumeMounts: [
        { name: 'a', mountPath: '/a' },
        { name: 'b', mountPath: '/b', readOnly: true, recursiveReadOnly: 'Disabled' },
        { name: 'c', mountPath: '/c' },
      ],
    })
  })
})

describe('the read-only mounts in a status', () => {
  const mount = { name: 'b', mountPath: '/b', readOnly: true }
  const modeOf = (recursive: string | undefined, recursiveReadOnly: boolean): string | undefined => {
    const asked = recursive === undefined ? mount : { ...mount, recursiveReadOnly: recursive }
    return statusOf({ recursiveReadOnly }, aContainer({ volumeMounts: [asked] })).volumeMounts?.[0]?.recursiveReadOnly
  }

  it('are recursively so where they ask for it and the runtime can', () => {
    assert.equal(modeOf('Enabled', true), 'Enabled')
    assert.equal(modeOf('IfPossible', true), 'Enabled')
    assert.equal(modeOf('IfPossible', false), 'Disabled')
    assert.equal(modeOf('Enabled', false), 'Disabled')
    assert.equal(modeOf(undefined, true), 'Disabled')
  })
})

describe('the status of a container that has ended', () => {
  const instances = [anObservedContainer({ state: exited() })]
  const status: ContainerStatus = { ...runningStatus, state: ended(0), ready: false, started: false }

  it('tells how', () => {
    assert.deepEqual(statusOf({ instances }), status)
  })

  const reasons: readonly (readonly [title: string, change: Parameters<typeof exited>[0], shown: object])[] = [
    ['Error for a failure', { exitCode: 3 }, { exitCode: 3, reason: 'Error' }],
    ['Error for a kill', { exitCode: 137 }, { exitCode: 137, reason: 'Error' }],
    ['OOMKilled', { exitCode: 137, oomKilled: true }, { exitCode: 137, reason: 'OOMKilled' }],
    ['OOMKilled for a success too', { oomKilled: true }, { exitCode: 0, reason: 'OOMKilled' }],
    [
      "ContainerCannotRun, with Docker's words",
      { exitCode: 127, cannotRun: true, error: 'exec: "x": executable file not found in $PATH' },
      { exitCode: 127, reason: 'ContainerCannotRun', message: 'exec: "x": executable file not found in $PATH' },
    ],
  ]
  for (const [title, change, shown] of reasons) {
    it(`gives the reason ${title}`, () => {
      const { state } = statusOf({ instances: [anObservedContainer({ state: exited(change) })] })
      assert.deepEqual(state, ended(0, shown))
    })
  }

  it('shows its termination message, behind what Docker has to say', () => {
    const messages = new Map([[containerId('main-0'), 'out of cheese']])
    assert.deepEqual(statusOf({ instances, messages }).state, ended(0, { message: 'out of cheese' }))
    const failed = [anObservedContainer({ state: exited({ exitCode: 1, error: 'oops' }) })]
    assert.deepEqual(
      statusOf({ instances: failed, messages }).state,
      ended(0, { exitCode: 1, reason: 'Error', message: 'oops: out of cheese' }),
    )
  })

  it('cuts the message to its share of the status, between characters', () => {
    const messages = new Map([[containerId('main-0'), 'é'.repeat(10)]])
    assert.deepEqual(statusOf({ instances, messages, messageBytes: 7 }).state, ended(0, { message: 'ééé' }))
    assert.deepEqual(statusOf({ instances, messages, messageBytes: 20 }).state, ended(0, { message: 'é'.repeat(10) }))
  })

  it('also tells how the instance before it ended', () => {
    const both = [
      anObservedContainer({ attempt: 1, state: exited() }),
      anObservedContainer({ state: exited({ exitCode: 1 }) }),
    ]
    assert.deepEqual(statusOf({ instances: both }), {
      ...status,
      state: ended(1),
      lastState: ended(0, { exitCode: 1, reason: 'Error' }),
      restartCount: 1,
      containerID: 'docker://main-1',
    })
  })

  it('does not tell the same end twice', () => {
    const previous = aContainerStatus({ state: { waiting: { reason: 'CrashLoopBackOff' } }, lastState: ended(0) })
    assert.deepEqual(statusOf({ instances, previous }), status)
  })

  it('keeps what the last status told of the instance before it', () => {
    const previous = aContainerStatus({ state: ended(1), lastState: ended(0), containerID: 'docker://main-1' })
    const newest = [anObservedContainer({ attempt: 1, state: exited() })]
    assert.deepEqual(statusOf({ instances: newest, previous }).lastState, ended(0))
  })

  it('waits, and tells of the end as its last state, when it is to be started again', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' }
    assert.deepEqual(statusOf({ instances, waiting }), { ...status, state: { waiting }, lastState: ended(0) })
  })

  it('waits when it was killed to be started again, though nothing holds it up', () => {
    assert.deepEqual(statusOf({ instances, killedForRestart: true }), {
      ...status,
      state: { waiting: { reason: 'ContainerCreating' } },
      lastState: ended(0),
    })
  })

  it('does not wait any more when its Pod is over', () => {
    const waiting = { reason: 'CrashLoopBackOff', message: 'back-off 10s' }
    assert.deepEqual(statusOf({ instances, waiting, killedForRestart: true, podIsOver: true }), status)
  })
})

describe('previousContainerStatus', () => {
  it('finds the status by name', () => {
    const side = aContainerStatus({ name: 'side' })
    assert.equal(previousContainerStatus({ containerStatuses: [runningStatus, side] }, 'side'), side)
    assert.equal(previousContainerStatus({ containerStatuses: [runningStatus] }, 'side'), undefined)
    assert.equal(previousContainerStatus({}, 'side'), undefined)
    assert.equal(previousContainerStatus(undefined, 'side'), undefined)
  })
})
