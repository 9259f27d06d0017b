import { extract } from 'tar-stream'
import { asList, asObject, textsAt } from '../../src/engine/docker-json.ts'

/** The tags of each image in an archive of `docker save`. */
export async function tagsIn(archive: AsyncIterable<Uint8Array>): Promise<readonly (readonly string[])[]> {
  const files = extract()
  files.end(await bytesOf(archive))
  let tags: readonly (readonly string[])[] = []
  for await (const file of files) {
    const content = await bytesOf(file)
    if (file.header.name !== 'manifest.json') continue
    const manifest: unknown = JSON.parse(content.toString())
    tags = asList(manifest, 'manifest.json').map((image) => textsAt(asObject(image, 'manifest.json'), 'RepoTags'))
  }
  return tags
}

async function bytesOf(chunks: AsyncIterable<unknown>): Promise<Buffer> {
  const bytes: Uint8Array[] = []
  for await (const chunk of chunks) if (chunk instanceof Uint8Array) bytes.push(chunk)
  return Buffer.concat(bytes)
}
