import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { it } from 'node:test'
import type { EngineImage } from '../../../src/engine/engine.ts'
import { smallImage } from '../../support/small-image.ts'
import { rejects } from './expect.ts'
import type { EngineHarness, MakeHarness } from './harness.ts'
import { containerRequest } from './requests.ts'

export function removingImages(makeHarness: MakeHarness): void {
  it('takes an image away with all its names, and does not mind that it is gone', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine } = harness
    await using image = await loaded(harness, 2, signal)
    await engine.removeImage(image.listed, signal)
    for (const reference of [image.listed.id, ...image.listed.tags]) {
      assert.equal(await engine.inspectImage(reference, signal), undefined)
    }
    await engine.removeImage(image.listed, signal)
  })

  it('takes none away that a container of any node uses, running or not', async ({ signal }) => {
    await using harness = await makeHarness()
    const { engine, otherEngine } = harness
    await using image = await loaded(harness, 1, signal)
    const { id, tags } = image.listed
    assert.equal((await engine.usedImages(signal)).has(id), false)
    const request = containerRequest({ nodeName: harness.otherNodeName, image: id })
    const container = await otherEngine.create(request, signal)
    assert.equal((await engine.usedImages(signal)).has(id), true)
    await rejects(engine.removeImage(image.listed, signal), 'conflict')
    assert.equal((await engine.inspectImage(tags[0] ?? '', signal))?.id, id)
    await otherEngine.remove(container, signal)
    await engine.removeImage(image.listed, signal)
    assert.equal(await engine.inspectImage(id, signal), undefined)
  })
}

interface Loaded extends AsyncDisposable {
  readonly listed: EngineImage
}

/** A new image with so many tags; taken away in the end if it is still there. */
async function loaded({ engine }: EngineHarness, tags: number, signal: AbortSignal): Promise<Loaded> {
  const names = Array.from({ length: tags }, (_, number) => `minikubelet-test/removed-${number}:${randomUUID()}`)
  await engine.loadImage(smallImage(...names), signal)
  const listed = (await engine.listImages(signal)).find((image) => names.every((name) => image.tags.includes(name)))
  assert.ok(listed)
  return {
    listed,
    [Symbol.asyncDispose]: () => engine.removeImage(listed, AbortSignal.timeout(10_000)),
  }
}
