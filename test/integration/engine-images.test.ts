import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { podUid } from '../../src/model/ids.ts'
import { rejects } from '../contract/engine/expect.ts'
import { BuiltImages } from '../support/built-images.ts'
import { docker } from '../support/command.ts'
import { tellsLayers } from '../support/image-layers.ts'
import { dockerHarness } from './support/docker-harness.ts'

if (await tellsLayers()) {
  describe('an image that Docker holds for a volume', { timeout: 60_000 }, () => {
    it('keeps its layers when it is removed by force, and loses them when it is let go', async ({ signal }) => {
      await using harness = await dockerHarness()
      await using images = new BuiltImages()
      const image = await images.build('RUN echo kept > /kept')
      const owner = { podUid: podUid(randomUUID()), podName: 'web', podNamespace: 'default' }
      const hold = { owner, volumeName: 'data', image }
      const { layers, image: id } = await harness.engine.holdImage(hold, signal)
      await docker('image', 'rm', '--force', image)
      assert.equal(await harness.engine.inspectImage(image, signal), undefined)
      const [top = ''] = layers
      assert.equal(await readFile(join(top, 'kept'), 'utf8'), 'kept\n')
      assert.deepEqual(await harness.engine.holdImage(hold, signal), { image: id, layers, isNew: false })
      await harness.engine.releaseImages(owner.podUid, signal)
      await assert.rejects(stat(top), { code: 'ENOENT' })
    })

    it('makes no volumes for those that it declares', async ({ signal }) => {
      await using harness = await dockerHarness()
      await using images = new BuiltImages()
      const image = await images.build('RUN mkdir /data && echo 1 > /data/file', 'VOLUME /data /more')
      const owner = { podUid: podUid(randomUUID()), podName: 'web', podNamespace: 'default' }
      const { layers } = await harness.engine.holdImage({ owner, volumeName: 'data', image }, signal)
      const held = await docker('ps', '--all', '--quiet', '--filter', `label=io.kubernetes.pod.uid=${owner.podUid}`)
      assert.equal(await docker('inspect', '--format', '{{range .Mounts}}{{.Type}} {{end}}', held), 'tmpfs tmpfs')
      const names = await Promise.all(layers.map((layer) => readdir(layer)))
      assert.ok(names.flat().includes('data'))
      await harness.engine.releaseImages(owner.podUid, signal)
    })
  })
} else {
  describe('an image in a storage that does not tell of its layers', { timeout: 60_000 }, () => {
    it('is held for no volume, and goes with its name', async ({ signal }) => {
      await using harness = await dockerHarness()
      await using images = new BuiltImages()
      const image = await images.build('RUN echo kept > /kept')
      const owner = { podUid: podUid(randomUUID()), podName: 'web', podNamespace: 'default' }
      await rejects(harness.engine.holdImage({ owner, volumeName: 'data', image }, signal), 'unsupported')
      const label = `label=io.kubernetes.pod.uid=${owner.podUid}`
      assert.equal(await docker('ps', '--all', '--quiet', '--filter', label), '')
      await docker('image', 'rm', image)
      assert.equal(await harness.engine.inspectImage(image, signal), undefined)
    })
  })
}
