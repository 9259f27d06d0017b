import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerId, imageId } from '../../../src/model/ids.ts'
import { computePodActions } from '../../../src/plan/compute-pod-actions.ts'
import { planStart } from '../../../src/plan/plan-start.ts'
import type { StartStep } from '../../../src/plan/start-step.ts'
import type { ImageFact } from '../../../src/plan/pod-facts.ts'
import { createContainer, ensureImage } from '../../builders/actions.ts'
import { podFacts } from '../../builders/facts.ts'
import { anObservedPod, nothing, nowMs } from '../../builders/observed.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const data = { name: 'data', image: { reference: 'models:1', pullPolicy: 'IfNotPresent' } }
const more = { name: 'more', image: { reference: 'more:1' } }
const mounting = aContainer({ volumeMounts: [{ name: 'data', mountPath: '/data' }] })
const other = aContainer({ name: 'other' })
const pod = aPod({ spec: { containers: [mounting, other], volumes: [data, more, { name: 'scratch', emptyDir: {} }] } })

const ready = (id: string): ImageFact => ({ kind: 'ready', id: imageId(id) })
const failed: ImageFact = {
  kind: 'failed',
  reason: 'ErrImagePull',
  message: 'manifest unknown',
  failedAtMs: nowMs - 500,
  retryAtMs: nowMs + 9500,
  backOff: true,
}
const ensures = (volume: typeof data | typeof more, reason: string): PodAction => ({
  kind: 'ensure-volume-image',
  volume,
  reason,
})

/** The next step of a container that is due for the first time and whose own image is there. */
function step(images: Readonly<Record<string, ImageFact>>, container = mounting): StartStep {
  const own = [container.name, ready('sha256:main')] as const
  return planStart(
    pod,
    container,
    { kind: 'create', attempt: 0, previous: undefined },
    {
      sandboxId: containerId('sandbox-0'),
      facts: podFacts({ images: new Map([own, ...Object.entries(images)]) }),
      mayStart: true,
      hasPodIp: true,
    },
  )
}

describe('the images of volumes', () => {
  it('are all asked for while the sandbox is made, also those that no container mounts', () => {
    const reason = 'its image is needed before containers are made'
    const actions = computePodActions(pod, nothing, podFacts())
    const asked = actions.filter(({ kind }) => kind === 'ensure-volume-image')
    assert.deepEqual(asked, [ensures(data, reason), ensures(more, reason)])
  })

  it('are asked for once, though several containers wait for them', () => {
    const both = aPod({ spec: { containers: [mounting, { ...mounting, name: 'b' }], volumes: [data] } })
    const facts = podFacts({
      images: new Map([
        ['main', ready('a')],
        ['b', ready('a')],
      ]),
    })
    const actions = computePodActions(both, anObservedPod({ containers: [] }), facts)
    assert.deepEqual(
      actions.filter(({ kind }) => kind !== 'prepare-volumes'),
      [ensures(data, 'a new instance is due')],
    )
  })
})

describe('a container that mounts an image', () => {
  it('is not made before the image is there', () => {
    assert.deepEqual(step({}), { actions: [ensures(data, 'a new instance is due')], onItsWay: true })
    assert.deepEqual(step({ 'volume/data': { kind: 'pulling', after: undefined } }), { actions: [], onItsWay: true })
    assert.equal(step({ 'volume/data': ready('sha256:models') }).actions[0]?.kind, 'create-container')
  })

  it("waits with the puller's reason when it can't be had, and holds up nobody", () => {
    const waiting = { containerName: 'main', volumeName: 'data', reason: 'ErrImagePull', message: 'manifest unknown' }
    assert.deepEqual(step({ 'volume/data': failed }), {
      actions: [{ kind: 'wait', untilMs: nowMs + 1000, waiting }],
      onItsWay: false,
    })
    assert.deepEqual(step({ 'volume/data': failed }, other), {
      actions: [createContainer(other)].map((action) => ({ ...action, image: imageId('sha256:main') })),
      onItsWay: true,
    })
  })

  it('backs off from it as from an image of its own, and names it', () => {
    const [action] = step({ 'volume/data': { ...failed, shownAtMs: nowMs - 2000 } }).actions
    assert.ok(action?.kind === 'wait')
    assert.deepEqual(action, {
      kind: 'wait',
      untilMs: nowMs + 9500,
      waiting: {
        containerName: 'main',
        volumeName: 'data',
        reason: 'ImagePullBackOff',
        message: 'Back-off pulling image "models:1": ErrImagePull: manifest unknown',
      },
    })
  })

  it('has it pulled again when the wait is over, and looked for when images have changed', () => {
    const over = step({ 'volume/data': { ...failed, retryAtMs: nowMs } })
    assert.deepEqual(over, { actions: [ensures(data, 'the last pull failed')], onItsWay: true })
    const [look, wait] = step({ 'volume/data': { ...failed, lookAtMs: nowMs } }).actions
    assert.deepEqual(look, ensures(data, 'images have changed, it may have come'))
    assert.equal(wait?.kind, 'wait')
  })

  it('asks for its own image only when those of its volumes are there, as the kubelet', () => {
    const facts = podFacts({ images: new Map([['volume/data', failed]]) })
    const context = { sandboxId: containerId('sandbox-0'), facts, mayStart: true, hasPodIp: true }
    const create = { kind: 'create', attempt: 0, previous: undefined } as const
    const { actions } = planStart(pod, mounting, create, context)
    assert.ok(!actions.some(({ kind }) => kind === ensureImage(mounting).kind))
  })
})
