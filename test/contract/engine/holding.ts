import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { isAbsolute } from 'node:path'
import { it } from 'node:test'
import type { HeldImage, ImageHold } from '../../../src/engine/engine.ts'
import { podUid } from '../../../src/model/ids.ts'
import { everyStep } from '../../support/every-step.ts'
import { rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'

export function holding(makeHarness: MakeHarness): void {
  it('tells where the layers of a held image lie, and the same when it is held already', async ({ signal }) => {
    await using pod = await holdingPod(makeHarness)
    const held = await pod.hold('data')
    assert.ok(held.layers.length > 0)
    assert.ok(held.layers.every(isAbsolute))
    assert.equal(held.image, (await pod.harness.engine.inspectImage(pod.harness.image, signal))?.id)
    assert.equal(held.isNew, true)
    assert.deepEqual(await pod.hold('data'), { ...held, isNew: false })
  })

  it('holds one image for several volumes and Pods', async () => {
    await using pod = await holdingPod(makeHarness)
    await using another = await holdingPod(() => shared(pod.harness))
    const held = [await pod.hold('data'), await pod.hold('more'), await another.hold('data')]
    assert.deepEqual(new Set(held.map(({ layers }) => layers.join())).size, 1)
    assert.deepEqual(
      held.map(({ isNew }) => isNew),
      [true, true, true],
    )
  })

  it('shows nothing of it among the objects of the node', async ({ signal }) => {
    await using pod = await holdingPod(makeHarness)
    await pod.hold('data')
    assert.deepEqual(await pod.harness.engine.list(signal), [])
  })

  it("lets go of a Pod's images, and of nobody else's", async ({ signal }) => {
    await using pod = await holdingPod(makeHarness)
    await using another = await holdingPod(() => shared(pod.harness))
    await pod.hold('data')
    await pod.hold('more')
    await another.hold('data')
    await pod.harness.otherEngine.releaseImages(pod.uid, signal)
    assert.equal((await pod.hold('data')).isNew, false)
    await pod.harness.engine.releaseImages(pod.uid, signal)
    await pod.harness.engine.releaseImages(pod.uid, signal)
    assert.equal((await another.hold('data')).isNew, false)
    assert.equal((await pod.hold('data')).isNew, true)
    assert.equal((await pod.hold('more')).isNew, true)
  })

  refusesMissing(makeHarness)
}

/** Where it is not told in which folders an image lies. */
export function holdingNothing(makeHarness: MakeHarness): void {
  it('throws unsupported, with the name of the storage', async ({ signal }) => {
    await using pod = await holdingPod(makeHarness)
    const { storageDriver } = await pod.harness.engine.info(signal)
    const { message } = await rejects(pod.hold('data'), 'unsupported')
    assert.equal(message, `Docker's storage driver "${storageDriver}" does not tell where an image's layers lie`)
  })

  refusesMissing(makeHarness)
}

function refusesMissing(makeHarness: MakeHarness): void {
  it('throws not-found for an image that is not there', async ({ signal }) => {
    await using pod = await holdingPod(makeHarness)
    const { engine } = pod.harness
    await rejects(engine.holdImage({ ...pod.wish('data'), image: 'nobody/has-this:image' }, signal), 'not-found')
    await rejects(engine.holdImage({ ...pod.wish('data'), image: `sha256:${'a'.repeat(64)}` }, signal), 'not-found')
  })
}

/** The same harness, which whoever made it disposes. */
async function shared(harness: EngineHarness): Promise<EngineHarness> {
  return { ...harness, [Symbol.asyncDispose]: async () => {} }
}

interface HoldingPod extends AsyncDisposable {
  readonly harness: EngineHarness
  readonly uid: ReturnType<typeof podUid>
  readonly wish: (volumeName: string) => ImageHold
  readonly hold: (volumeName: string) => Promise<HeldImage>
}

/** A Pod of its own that holds images; what it holds it lets go of in the end, and the harness with it. */
async function holdingPod(makeHarness: MakeHarness): Promise<HoldingPod> {
  const harness = await makeHarness()
  const uid = podUid(randomUUID())
  const { signal } = new AbortController()
  const wish = (volumeName: string): ImageHold => ({
    owner: { podUid: uid, podName: 'web', podNamespace: 'default' },
    volumeName,
    image: harness.image,
  })
  return {
    harness,
    uid,
    wish,
    hold: (volumeName) => harness.engine.holdImage(wish(volumeName), signal),
    [Symbol.asyncDispose]: async () => {
      await everyStep(
        () => harness.engine.releaseImages(uid, signal),
        () => harness[Symbol.asyncDispose](),
      )
    },
  }
}
