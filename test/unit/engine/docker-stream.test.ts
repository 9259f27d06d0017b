import assert from 'node:assert/strict'
import { Readable } from 'node:stream'
import { describe, it } from 'node:test'
import type { JsonObject } from '../../../src/engine/docker-json.ts'
import { errorIn, jsonObjects } from '../../../src/engine/docker-stream.ts'
import { KubeletError } from '../../../src/model/errors.ts'

describe('jsonObjects', () => {
  it('gives one object a line, wherever the stream is cut into chunks', async () => {
    const bytes = Buffer.from('{"status":"→ läuft"}\r\n\n{"id":"b"}\n{"id":"c"}')
    for (let cut = 0; cut <= bytes.length; cut++) {
      const objects = await read(bytes.subarray(0, cut), bytes.subarray(cut))
      assert.deepEqual(objects, [{ status: '→ läuft' }, { id: 'b' }, { id: 'c' }])
    }
  })

  it('throws internal for a line that is not JSON, and for one that is no object', async () => {
    const notJson = `Docker's stream has a line that is not JSON: "Internal Server Error"`
    await assert.rejects(read(Buffer.from('{}\nInternal Server Error\n')), new KubeletError('internal', notJson))
    await assert.rejects(
      read(Buffer.from('7\n')),
      new KubeletError('internal', `Docker's answer has no object in "stream" but 7`),
    )
  })
})

describe('errorIn', () => {
  it('finds nothing in plain progress', () => {
    assert.equal(errorIn({ status: 'Downloading', id: 'a1' }), undefined)
  })

  it("gives Docker's text, with the status of the registry where Docker tells it", () => {
    const text = 'unknown blob'
    assert.deepEqual(errorIn({ errorDetail: { message: text }, error: text }), new KubeletError('internal', text))
    assert.deepEqual(errorIn({ error: text }), new KubeletError('internal', text))
    assert.deepEqual(
      errorIn({ errorDetail: { code: 503, message: text }, error: text }),
      new KubeletError('unavailable', text, { status: 503 }),
    )
  })
})

async function read(...chunks: readonly Buffer[]): Promise<readonly JsonObject[]> {
  const objects: JsonObject[] = []
  for await (const object of jsonObjects(Readable.from(chunks))) objects.push(object)
  return objects
}
