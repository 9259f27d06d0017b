import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { containerId, podUid } from '../../../../src/model/ids.ts'
import { ResizeRecords, type ResizeRecord } from '../../../../src/sync/resize/resize-records.ts'

const uid = podUid('0f6c3f5e-6f3c-4b7e-9a53-3f1d2c4b5a69')
const amounts = { cpuRequest: 100, cpuLimit: 200, memoryRequest: 0, memoryLimit: 64 * 1024 ** 2 }
const record: ResizeRecord = {
  allocation: { pod: { limits: { cpu: '1' } }, containers: { main: { requests: { cpu: '100m' } } } },
  generation: 3,
  containers: new Map([[containerId('main-0'), amounts]]),
}

async function aRoot(): Promise<AsyncDisposable & { readonly root: string; readonly records: () => ResizeRecords }> {
  const root = await mkdtemp(join(tmpdir(), 'minikubelet-records-'))
  return {
    root,
    records: () => new ResizeRecords({ root, podLogs: '/var/log/pods' }),
    [Symbol.asyncDispose]: () => rm(root, { recursive: true, force: true }),
  }
}

describe('what a Pod was given that was resized', () => {
  it('is found again by the next agent, and nothing is there by half', async () => {
    await using bed = await aRoot()
    await bed.records().update(uid, () => record)
    const next = bed.records()
    await next.load()
    assert.deepEqual(next.get(uid), record)
    assert.deepEqual(await readdir(join(bed.root, 'pods', uid)), ['resize.json'])
  })

  it('changes step by step, whoever changes it', async () => {
    await using bed = await aRoot()
    const records = bed.records()
    await Promise.all(
      [1, 2, 3].map((step) =>
        records.update(uid, (before) => ({ ...record, generation: (before?.generation ?? 0) * 10 + step })),
      ),
    )
    assert.equal(records.get(uid)?.generation, 123)
    assert.match(await readFile(join(bed.root, 'pods', uid, 'resize.json'), 'utf8'), /"generation":123/u)
  })

  it('does not count when it could not be written', async () => {
    await using bed = await aRoot()
    const records = bed.records()
    await records.update(uid, () => record)
    await mkdir(join(bed.root, 'pods', uid, 'resize.json.new'))
    await assert.rejects(records.update(uid, () => ({ ...record, generation: 4 })))
    assert.equal(records.get(uid)?.generation, 3)
    await rm(join(bed.root, 'pods', uid, 'resize.json.new'), { recursive: true })
    await records.update(uid, () => ({ ...record, generation: 5 }))
    assert.equal(records.get(uid)?.generation, 5)
  })

  for (const spoilt of ['', 'no JSON', '[]', '{"generation":1}', '{"allocation":{"containers":{}},"generation":"1"}']) {
    it(`is nothing where the file says ${JSON.stringify(spoilt)}`, async () => {
      await using bed = await aRoot()
      await mkdir(join(bed.root, 'pods', uid), { recursive: true })
      await writeFile(join(bed.root, 'pods', uid, 'resize.json'), spoilt)
      const records = bed.records()
      await records.load()
      assert.equal(records.get(uid), undefined)
    })
  }

  it('is nothing on a node that never had a Pod, or of one that is gone', async () => {
    await using bed = await aRoot()
    const records = bed.records()
    await records.load()
    await records.update(uid, () => record)
    records.forget(uid)
    assert.equal(records.get(uid), undefined)
  })
})
