import assert from 'node:assert/strict'
import { it } from 'node:test'
import { ensurePauseImage } from '../../../src/engine/pause-image.ts'
import { rejects } from './expect.ts'
import type { MakeHarness } from './harness.ts'

export function images(makeHarness: MakeHarness): void {
  it('finds an image by name and by id, and in the list', async ({ signal }) => {
    await using harness = await makeHarness()
    const image = await harness.engine.inspectImage(harness.image, signal)
    assert.ok(image)
    assert.ok(image.tags.includes(harness.image))
    assert.ok(image.sizeBytes > 0)
    assert.equal(image.user, '')
    assert.deepEqual(await harness.engine.inspectImage(image.id, signal), image)
    const listed = (await harness.engine.listImages(signal)).find(({ id }) => id === image.id)
    // containerd's image store counts the packed layers too in one place, and not in the other.
    assert.deepEqual({ ...listed, sizeBytes: 0, user: '' }, { ...image, sizeBytes: 0 })
  })

  it('knows nothing of an image that is not there', async ({ signal }) => {
    await using harness = await makeHarness()
    assert.equal(await harness.engine.inspectImage('nobody/has-this:image', signal), undefined)
    assert.equal(await harness.engine.inspectImage(`sha256:${'a'.repeat(64)}`, signal), undefined)
  })

  for (const reference of ['UPPER', 'a b', 'a//b', '../a', '']) {
    it(`throws invalid for an image named "${reference}"`, async ({ signal }) => {
      await using harness = await makeHarness()
      await rejects(harness.engine.inspectImage(reference, signal), 'invalid', /invalid reference format/u)
      await rejects(harness.engine.pullImage(reference, {}, signal), 'invalid', /invalid reference format/u)
    })
  }

  it('loads an image from an archive: the pause image, once', async ({ signal }) => {
    await using harness = await makeHarness()
    const image = await ensurePauseImage(harness.engine, signal)
    assert.match(image.tags[0] ?? '', /^minikubelet\/pause:[0-9a-f]{12}$/u)
    assert.deepEqual(await ensurePauseImage(harness.engine, signal), image)
  })
}
