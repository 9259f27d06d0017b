import { createHash, randomBytes } from 'node:crypto'
import { tar } from '../../src/engine/tar-archive.ts'

/** An image of one small file, unlike any other, as `docker load` takes it. */
export async function* smallImage(...tags: readonly string[]): AsyncGenerator<Uint8Array> {
  const layer: Uint8Array[] = []
  for await (const chunk of tar([{ name: 'file', mode: 0o644, content: randomBytes(16).toString('hex') }]))
    layer.push(chunk)
  const hash = createHash('sha256')
  for (const chunk of layer) hash.update(chunk)
  const rootfs = { type: 'layers', diff_ids: [`sha256:${hash.digest('hex')}`] }
  const architecture = process.arch.replace('x64', 'amd64')
  const config = { architecture, os: 'linux', config: { Cmd: ['/file'] }, rootfs }
  yield* tar([
    { name: 'config.json', content: JSON.stringify(config) },
    { name: 'layer.tar', content: Buffer.concat(layer) },
    {
      name: 'manifest.json',
      content: JSON.stringify([{ Config: 'config.json', RepoTags: tags, Layers: ['layer.tar'] }]),
    },
  ])
}
