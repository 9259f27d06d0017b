import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodAction } from '../../../src/model/action.ts'
import { containerId } from '../../../src/model/ids.ts'
import { planStart } from '../../../src/plan/plan-start.ts'
import type { StartStep } from '../../../src/plan/start-step.ts'
import type { ImageFact, PodFacts } from '../../../src/plan/pod-facts.ts'
import { createContainer, ensureImage, startContainer, wait } from '../../builders/actions.ts'
import { imagesOf, podFacts } from '../../builders/facts.ts'
import { anObservedContainer, created, exited, finishedAtMs, nowMs } from '../../builders/observed.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const main = aContainer()
const ended = anObservedContainer({ state: exited({ exitCode: 1 }) })
const unstarted = anObservedContainer({ state: created })
const sandboxId = containerId('sandbox-0')

/** The next step of a container that is due for the first time. */
function first(facts: Partial<PodFacts>, container = main): StartStep {
  return planStart(
    aPod(),
    container,
    { kind: 'create', attempt: 0, previous: undefined },
    { sandboxId, facts: podFacts(facts), mayStart: true, hasPodIp: true },
  )
}

/** The next step of a container whose last instance has ended. */
function next(facts: Partial<PodFacts>, previous = ended): StartStep {
  return planStart(
    aPod(),
    main,
    { kind: 'create', attempt: previous.attempt + 1, previous },
    { sandboxId, facts: podFacts({ images: imagesOf('main'), ...facts }), mayStart: true, hasPodIp: true },
  )
}

const waits = (action: PodAction): StartStep => ({ actions: [action], onItsWay: false })
const goesOn = (...actions: readonly PodAction[]): StartStep => ({ actions, onItsWay: true })

describe('the image of a container that is due', () => {
  const imageIs = (image: ImageFact): Partial<PodFacts> => ({ images: new Map([['main', image]]) })
  const failed = {
    kind: 'failed',
    reason: 'ErrImagePull',
    message: 'manifest unknown',
    failedAtMs: nowMs - 500,
    retryAtMs: nowMs + 9500,
    backOff: true,
  } as const

  it('is asked for when nobody has', () => {
    assert.deepEqual(first({}), goesOn(ensureImage(main)))
  })

  it('is waited for while it is pulled', () => {
    assert.deepEqual(first(imageIs({ kind: 'pulling', after: undefined })), goesOn())
  })

  it('holds up nobody while it is pulled once more', () => {
    const after = { reason: 'ImagePullBackOff', message: 'Back-off' }
    assert.deepEqual(
      first(imageIs({ kind: 'pulling', after })),
      waits(wait('main', undefined, 'ImagePullBackOff', 'Back-off')),
    )
  })

  it('is said to come along while it is pulled once more', () => {
    const after = { reason: 'ErrImagePull', message: 'manifest unknown' }
    const progress = { layers: 2, layersDone: 1, downloadedBytes: 1_000_000, totalBytes: 2_000_000 }
    const message = 'Pulling image "busybox:1.36": 1 of 2 layers, 1.0MB of 2.0MB; the last try failed: manifest unknown'
    assert.deepEqual(
      first(imageIs({ kind: 'pulling', after, progress })),
      waits(wait('main', undefined, 'ErrImagePull', message)),
    )
  })

  it('lets the container be created when it is there', () => {
    assert.deepEqual(first({ images: imagesOf('main') }), goesOn(createContainer(main)))
  })

  it('shows the error of the pull at first, for a second from when it was first shown', () => {
    const shows = (untilMs: number) => waits(wait('main', untilMs, 'ErrImagePull', 'manifest unknown'))
    assert.deepEqual(first(imageIs(failed)), shows(nowMs + 1000))
    assert.deepEqual(first(imageIs({ ...failed, failedAtMs: nowMs - 9000 })), shows(nowMs + 1000))
    assert.deepEqual(first(imageIs({ ...failed, shownAtMs: nowMs - 400 })), shows(nowMs + 600))
    assert.deepEqual(first(imageIs({ ...failed, retryAtMs: nowMs + 10 })), shows(nowMs + 10))
  })

  const backOffMessage = 'Back-off pulling image "busybox:1.36": ErrImagePull: manifest unknown'

  it('shows the back-off from a second on', () => {
    for (const shownAtMs of [nowMs - 1000, nowMs - 9000]) {
      assert.deepEqual(
        first(imageIs({ ...failed, shownAtMs })),
        waits(wait('main', failed.retryAtMs, 'ImagePullBackOff', backOffMessage)),
      )
    }
  })

  it('is looked for before the wait is over when images have changed, which shows nothing', () => {
    const changed = { ...failed, shownAtMs: nowMs - 9000, lookAtMs: nowMs }
    const waiting = wait('main', failed.retryAtMs, 'ImagePullBackOff', backOffMessage)
    assert.deepEqual(first(imageIs(changed)), {
      actions: [ensureImage(main, 'images have changed, it may have come'), waiting],
      onItsWay: false,
    })
    const always = aContainer({ imagePullPolicy: 'Always' })
    assert.deepEqual(first(imageIs(changed), always), waits(waiting))
    assert.deepEqual(
      first(imageIs({ ...changed, lookAtMs: nowMs + 7 })),
      waits(wait('main', nowMs + 7, 'ImagePullBackOff', backOffMessage)),
    )
  })

  it('shows the error all the time where nothing was pulled', () => {
    const never = {
      ...failed,
      reason: 'ErrImageNeverPull',
      message: 'not present',
      failedAtMs: nowMs - 9000,
      backOff: false,
    }
    assert.deepEqual(first(imageIs(never)), waits(wait('main', failed.retryAtMs, 'ErrImageNeverPull', 'not present')))
  })

  it('is asked for again when the wait is over', () => {
    for (const backOff of [true, false]) {
      assert.deepEqual(
        first(imageIs({ ...failed, retryAtMs: nowMs, backOff })),
        goesOn(ensureImage(main, 'the last pull failed')),
      )
    }
  })

  it('is named as nothing in the back-off of a container without one', () => {
    const step = first(imageIs({ ...failed, shownAtMs: nowMs - 2000 }), { name: 'main' })
    assert.deepEqual(
      step,
      waits(
        wait('main', failed.retryAtMs, 'ImagePullBackOff', 'Back-off pulling image "": ErrImagePull: manifest unknown'),
      ),
    )
  })
})

describe('the crash loop of a container', () => {
  const backOffs = (delayMs: number, updatedAtMs: number): Partial<PodFacts> => ({
    backOffs: new Map([['main', { delayMs, updatedAtMs }]]),
  })
  const texts: readonly (readonly [delayMs: number, text: string])[] = [
    [40_000, '40s'],
    [80_000, '1m20s'],
    [160_000, '2m40s'],
    [300_000, '5m0s'],
  ]
  for (const [delayMs, text] of texts) {
    it(`waits for ${text} from the end of the last instance`, () => {
      const message = `back-off ${text} restarting failed container=main pod=web_default(${aPodUid})`
      assert.deepEqual(
        next(backOffs(delayMs, nowMs - 60_000)),
        waits(wait('main', finishedAtMs + delayMs, 'CrashLoopBackOff', message)),
      )
    })
  }

  it('is over when the time is', () => {
    assert.deepEqual(next(backOffs(30_000, nowMs - 60_000)), goesOn(createContainer(main, 1)))
    assert.deepEqual(next(backOffs(30_001, nowMs - 60_000)).onItsWay, false)
  })

  it('does not hold up the first restart, nor one after more than ten quiet minutes', () => {
    assert.deepEqual(next({}), goesOn(createContainer(main, 1)))
    assert.deepEqual(next(backOffs(300_000, finishedAtMs - 600_001)), goesOn(createContainer(main, 1)))
    assert.equal(next(backOffs(300_000, finishedAtMs - 600_000)).onItsWay, false)
  })

  it('does not hold up a container that was killed to be started anew', () => {
    assert.deepEqual(
      next({ ...backOffs(300_000, nowMs - 60_000), killedForRestart: new Set([ended.id]) }),
      goesOn(createContainer(main, 1)),
    )
  })

  it('holds up no other container', () => {
    const other = new Map([['side', { delayMs: 300_000, updatedAtMs: nowMs }]])
    assert.deepEqual(next({ backOffs: other }), goesOn(createContainer(main, 1)))
  })

  it('comes before the look for an image', () => {
    assert.equal(next({ ...backOffs(300_000, nowMs - 60_000), images: new Map() }).actions[0]?.kind, 'wait')
  })
})

describe('a container that failed to start', () => {
  const startFailures = (
    retryAtMs: number,
    { reason = 'CreateContainerError', id }: { readonly reason?: string; readonly id?: string } = {},
  ): Partial<PodFacts> => {
    const of = id === undefined ? {} : { instanceId: containerId(id) }
    return { startFailures: new Map([['main', { reason, message: 'no such file', retryAtMs, ...of }]]) }
  }

  it('waits, showing why', () => {
    for (const reason of ['CreateContainerError', 'CreateContainerConfigError']) {
      const waiting = waits(wait('main', nowMs + 1, reason, 'no such file'))
      assert.deepEqual(first(startFailures(nowMs + 1, { reason })), waiting)
      assert.deepEqual(next(startFailures(nowMs + 1, { reason })), waiting)
    }
  })

  it('waits where Docker holds it as if it had never tried', () => {
    const facts = podFacts(startFailures(nowMs + 1, { reason: 'RunContainerError', id: unstarted.id }))
    assert.deepEqual(
      planStart(
        aPod(),
        main,
        { kind: 'start', instance: unstarted },
        { sandboxId, facts, mayStart: true, hasPodIp: true },
      ),
      waits(wait('main', nowMs + 1, 'RunContainerError', 'no such file')),
    )
  })

  it('counts as one that has ended where Docker holds it as that: followed at once, or when its crash loop says so', () => {
    const failures = startFailures(nowMs + 1, { reason: 'RunContainerError', id: 'main-0' })
    assert.deepEqual(next(failures), goesOn(createContainer(main, 1)))
    const backOffs = new Map([['main', { delayMs: 300_000, updatedAtMs: nowMs - 60_000 }]])
    const { actions } = next({ ...failures, backOffs })
    assert.ok(actions[0]?.kind === 'wait')
    assert.equal(actions[0].waiting.reason, 'CrashLoopBackOff')
    const successor = anObservedContainer({ attempt: 1, state: created })
    assert.deepEqual(
      planStart(
        aPod(),
        main,
        { kind: 'start', instance: successor },
        { sandboxId, facts: podFacts(failures), mayStart: true, hasPodIp: true },
      ),
      goesOn(startContainer(main, 1)),
    )
  })

  it('is tried again when the wait is over', () => {
    assert.deepEqual(next(startFailures(nowMs)), goesOn(createContainer(main, 1)))
  })

  it('is tried again at once when its Pod says something else, or what that refers to does', () => {
    const counts = { objectChanges: 3, specChanges: 1 }
    const failed = { reason: 'CreateContainerConfigError', message: '', retryAtMs: nowMs + 1, ...counts }
    const facts = { ...counts, startFailures: new Map([['main', failed]]) }
    assert.equal(next(facts).actions[0]?.kind, 'wait')
    for (const change of [{ objectChanges: 4 }, { specChanges: 2 }]) {
      assert.deepEqual(next({ ...facts, ...change }), goesOn(createContainer(main, 1)))
    }
  })
})

describe('a container that must not start', () => {
  it('waits without end, whatever else is known of it', () => {
    const refused = new Map([['main', 'spec.hostPID is not supported by minikubelet']])
    const waiting = waits(
      wait('main', undefined, 'CreateContainerConfigError', 'spec.hostPID is not supported by minikubelet'),
    )
    assert.deepEqual(first({ refused, images: imagesOf('main') }), waiting)
    assert.deepEqual(next({ refused, backOffs: new Map([['main', { delayMs: 1, updatedAtMs: nowMs }]]) }), waiting)
  })
})

describe('a container that is created', () => {
  const step = (instance = unstarted, mayStart = true): StartStep =>
    planStart(aPod(), main, { kind: 'start', instance }, { sandboxId, facts: podFacts(), mayStart, hasPodIp: true })

  it('is started when its turn has come', () => {
    assert.deepEqual(step(), goesOn(startContainer(main)))
    assert.deepEqual(step(unstarted, false), goesOn())
  })

  it('is removed when it is of another sandbox or another definition', () => {
    const reason = 'it was created for another sandbox or another spec'
    for (const change of [{ sandboxId: containerId('sandbox-1') }, { hash: 'older' }]) {
      for (const mayStart of [true, false]) {
        assert.deepEqual(
          step({ ...unstarted, ...change }, mayStart),
          goesOn({ kind: 'remove-container', id: unstarted.id, containerName: 'main', reason }),
        )
      }
    }
  })
})

it('no container is created before its volumes are there', () => {
  const failed = { kind: 'failed', message: '', retryAtMs: nowMs + 1, objectChanges: 0 } as const
  for (const volumes of [{ kind: 'unprepared' }, failed] as const) {
    assert.deepEqual(first({ images: imagesOf('main'), volumes }), goesOn())
  }
})
