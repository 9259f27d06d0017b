import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { extract } from 'tar-stream'
import { ensurePauseImage, makePauseImage } from '../../../src/engine/pause-image.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'

describe('makePauseImage', () => {
  it('packs the binary as the one file of the one layer of an image', async ({ signal }) => {
    const { reference, archive } = await makePauseImage('x86_64', signal)
    const files = await unpack(archive())
    const layer = files.get('layer.tar') ?? Buffer.alloc(0)
    const binary = await readFile(new URL('../../../src/engine/pause/pause-amd64', import.meta.url))
    assert.deepEqual(await unpack([layer]), new Map([['pause', binary]]))
    // Mode of the first file, as a tar header has it: octal digits at byte 100.
    assert.equal(layer.subarray(100, 107).toString().trim(), '000755')
    assert.deepEqual(JSON.parse(String(files.get('manifest.json'))), [
      { Config: 'config.json', RepoTags: [reference], Layers: ['layer.tar'] },
    ])
    assert.deepEqual(JSON.parse(String(files.get('config.json'))), {
      architecture: 'amd64',
      os: 'linux',
      config: { User: '65535:65535', Entrypoint: ['/pause'] },
      rootfs: { type: 'layers', diff_ids: [`sha256:${createHash('sha256').update(layer).digest('hex')}`] },
    })
  })

  it('gives the same layer under the same name at any time, and another name to another binary', async (test) => {
    const { signal } = test
    test.mock.timers.enable({ apis: ['Date'], now: 1e12 })
    const first = await makePauseImage('aarch64', signal)
    const second = await makePauseImage('aarch64', signal)
    assert.equal(first.reference, second.reference)
    const early = (await unpack(first.archive())).get('layer.tar')
    test.mock.timers.setTime(2e12)
    assert.deepEqual((await unpack(second.archive())).get('layer.tar'), early)
    assert.notEqual((await makePauseImage('x86_64', signal)).reference, first.reference)
  })

  it('refuses an architecture that it has no binary for, and says what to do', async ({ signal }) => {
    const text = 'There is no pause binary for "riscv64": name an image that has one with --pod-infra-container-image'
    await assert.rejects(makePauseImage('riscv64', signal), new KubeletError('unsupported', text))
  })
})

describe('ensurePauseImage', () => {
  it('loads the image where it is missing, and only there', async ({ signal }) => {
    const engine = new FakeEngine({ docker: new FakeDocker(), nodeName: 'node-a' })
    const image = await ensurePauseImage(engine, signal)
    assert.deepEqual(image.tags, [(await makePauseImage('x86_64', signal)).reference])
    assert.deepEqual(await ensurePauseImage(engine, signal), image)
    assert.equal(engine.count('loadImage'), 1)
  })
})

/** The files of a tar archive by name. */
async function unpack(archive: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): Promise<ReadonlyMap<string, Buffer>> {
  const chunks: Uint8Array[] = []
  for await (const chunk of archive) chunks.push(chunk)
  const entries = extract()
  entries.end(Buffer.concat(chunks))
  const files = new Map<string, Buffer>()
  for await (const entry of entries) {
    const parts: Uint8Array[] = []
    for await (const part of entry) if (part instanceof Uint8Array) parts.push(part)
    files.set(entry.header.name, Buffer.concat(parts))
  }
  return files
}
