import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { PullRecords } from '../../../../src/credentials/records/pull-records.ts'
import {
  decodeRecord,
  encodeIntent,
  encodeRecord,
  recordFile,
  type RecordedSecret,
} from '../../../../src/credentials/records/pulled-record.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { imageId } from '../../../../src/model/ids.ts'
import type { VerificationPolicy } from '../../../../src/model/verification-policy.ts'
import type { Logger } from '../../../../src/util/log.ts'

const image = 'registry.test/app:1'
const id = imageId('sha256:aa')
const app = { image, id }
const secret: RecordedSecret = { uid: 'u', namespace: 'default', name: 'pull', credentialHash: 'h' }
const other: RecordedSecret = { ...secret, uid: 'v', name: 'mine', credentialHash: 'x' }

class Bed {
  readonly root: string
  readonly logged: string[] = []

  private constructor(root: string) {
    this.root = root
  }

  static async make(test: TestContext): Promise<Bed> {
    const root = await mkdtemp(join(tmpdir(), 'minikubelet-records-'))
    test.after(() => rm(root, { recursive: true, force: true }))
    return new Bed(root)
  }

  /**
   * An agent's records on this disk; of a new agent, if there was one before. Docker has no
   * image of what that was pulling.
   */
  async records(name: VerificationPolicy['name'] = 'NeverVerifyPreloadedImages'): Promise<PullRecords> {
    const records = this.newRecords(name)
    await records.takeOver(async () => undefined)
    return records
  }

  newRecords(name: VerificationPolicy['name'] = 'NeverVerifyPreloadedImages'): PullRecords {
    const write = (message: string): void => void this.logged.push(message)
    const log: Logger = { trace: write, debug: write, info: write, warn: write, error: write, child: () => log }
    return new PullRecords({ rootDir: this.root, policy: { name, allowlist: [] }, log })
  }

  folder(name: 'pulling' | 'pulled'): string {
    return join(this.root, 'image_manager', name)
  }

  async files(): Promise<readonly string[]> {
    const [pulling, pulled] = [this.folder('pulling'), this.folder('pulled')]
    return (await Promise.all([pulling, pulled].map((folder) => readdir(folder).catch(() => [])))).flat()
  }
}

/** Whether a Pod with these secrets may use the image. */
function mayUse(records: PullRecords, ...secrets: readonly RecordedSecret[]): Promise<boolean> {
  return records.mayUse(app, async () => secrets)
}

async function pull(records: PullRecords, used: Parameters<PullRecords['pulled']>[1]): Promise<void> {
  await records.intend(image)
  await records.pulled(app, used)
}

describe('an image', () => {
  it('that was here before is everybody’s, at no cost and with nothing written', async (t) => {
    const bed = await Bed.make(t)
    assert.equal(await mayUse(await bed.records()), true)
    assert.deepEqual(await readdir(bed.root), [])
  })

  it('that was pulled with a secret is for whoever has it, and asks for it', async (t) => {
    const bed = await Bed.make(t)
    await pull(await bed.records(), { kind: 'secret', secret })
    for (const records of [await bed.records(), await bed.records()]) {
      assert.equal(await mayUse(records), false)
      assert.equal(await mayUse(records, other), false)
      assert.equal(await mayUse(records, other, secret), true)
    }
    assert.equal(await mayUse(await bed.records('NeverVerify')), true)
  })

  it('that was pulled without one is everybody’s, and asks for none', async (t) => {
    const bed = await Bed.make(t)
    await pull(await bed.records(), { kind: 'secret', secret })
    await pull(await bed.records(), { kind: 'node' })
    const asks = (): never => assert.fail('Nobody has to ask')
    assert.equal(await (await bed.records()).mayUse(app, asks), true)
  })

  it('may be used with another secret of the same content from then on, whatever becomes of the first', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await pull(records, { kind: 'secret', secret })
    const copy = { ...other, credentialHash: secret.credentialHash }
    assert.equal(await mayUse(records, copy), true)
    assert.equal(await mayUse(records, { ...copy, credentialHash: 'rotated' }), true)
  })

  it('is nobody’s while it is pulled, whoever pulls it with others', async (t) => {
    const records = await (await Bed.make(t)).records()
    await records.intend(image)
    await records.intend(image)
    assert.equal(await mayUse(records), false)
    await records.failed(image)
    assert.equal(await mayUse(records), false)
    await records.failed(image)
    assert.equal(await mayUse(records), true)
  })

  it('of which a record can’t be read is nobody’s, which is told', async (t) => {
    const bed = await Bed.make(t)
    await pull(await bed.records(), { kind: 'node' })
    await writeFile(join(bed.folder('pulled'), recordFile(id)), '{')
    assert.equal(await mayUse(await bed.records(), secret), false)
    assert.deepEqual(bed.logged, ['Who may use an image could not be found out'])
    await pull(await bed.records(), { kind: 'node' })
    assert.equal(await mayUse(await bed.records()), true)
  })

  it('is not decided on for a Pod that has been told to end meanwhile', async (t) => {
    const records = await (await Bed.make(t)).records()
    await pull(records, { kind: 'secret', secret })
    const aborted = new KubeletError('aborted', 'told to end')
    await assert.rejects(
      records.mayUse(app, async () => Promise.reject(aborted)),
      aborted,
    )
  })
})

describe('the records of pulls', () => {
  it('are for the agent alone, and nothing is left aside', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await records.intend(image)
    assert.deepEqual(await bed.files(), [recordFile(image)])
    await records.pulled(app, { kind: 'secret', secret })
    assert.deepEqual(await bed.files(), [recordFile(id)])
    const modes = await Promise.all(
      [bed.folder('pulled'), join(bed.folder('pulled'), recordFile(id))].map(
        async (path) => (await stat(path)).mode & 0o777,
      ),
    )
    assert.deepEqual(modes, [0o700, 0o600])
  })

  it('keep a pull from beginning that could not be noted', async (t) => {
    const bed = await Bed.make(t)
    await writeFile(join(bed.root, 'image_manager'), 'a file where the folder should be')
    const text = new RegExp(`^Failed to record image pull intent for container image "${image}": `, 'u')
    await assert.rejects(
      (await bed.records()).intend(image),
      (error) => KubeletError.is(error, 'internal') && text.test(error.message),
    )
  })

  it('of many pulls at once are all kept', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    const secrets = Array.from({ length: 20 }, (_, index) => ({
      ...secret,
      uid: `${index}`,
      credentialHash: `${index}`,
    }))
    await Promise.all(secrets.map((one) => pull(records, { kind: 'secret', secret: one })))
    const record = decodeRecord(await readFile(join(bed.folder('pulled'), recordFile(id)), 'utf8'))
    assert.equal(record.credentialMapping.get('registry.test/app')?.kubernetesSecrets.length, 20)
    assert.deepEqual(await bed.files(), [recordFile(id)])
  })

  it('of images that are gone go too, but for those of just now', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await pull(records, { kind: 'node' })
    await mkdir(bed.folder('pulled'), { recursive: true })
    for (const imageRef of ['sha256:old', 'sha256:kept']) {
      const record = { lastUpdatedTime: '2020-01-01T00:00:00Z', imageRef, credentialMapping: new Map() }
      await writeFile(join(bed.folder('pulled'), recordFile(imageRef)), encodeRecord(record))
    }
    await records.prune(new Set(['sha256:kept']), Date.now())
    assert.deepEqual((await bed.files()).toSorted(), [recordFile(id), recordFile('sha256:kept')].toSorted())
  })

  it('go with the node', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await pull(records, { kind: 'node' })
    await records.remove()
    assert.deepEqual(await readdir(bed.root), [])
  })
})

describe('a pull that nobody has seen the end of', () => {
  it('has made the image nobody’s if it is here when the next agent starts', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await records.intend(image)
    assert.equal(await mayUse(await bed.records(), secret), false)
    const next = bed.newRecords()
    await next.takeOver(async () => id)
    assert.equal(await mayUse(next, secret), false)
    assert.deepEqual(await bed.files(), [recordFile(id)])
    await pull(next, { kind: 'secret', secret })
    assert.equal(await mayUse(next, secret), true)
  })

  it('is remembered if the image is not here, or what was noted can’t be read', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await records.intend(image)
    await writeFile(join(bed.folder('pulling'), 'sha256-broken'), '{')
    await writeFile(join(bed.folder('pulling'), 'sha256-half.tmp'), encodeIntent('registry.test/half:1'))
    const asked: string[] = []
    await bed.newRecords().takeOver(async (name) => {
      asked.push(name)
      return undefined
    })
    assert.deepEqual(asked, [image])
    assert.deepEqual(bed.logged, ['The note of a pull is passed over'])
    assert.equal((await bed.files()).length, 3)
    assert.equal(await mayUse(await bed.records()), false)
  })

  it('because nobody waited for it has left nothing, or an image that is nobody’s, or a note of it', async (t) => {
    const bed = await Bed.make(t)
    const records = await bed.records()
    await records.intend(image)
    await records.ended(image, async () => undefined)
    assert.deepEqual(await bed.files(), [])
    await records.intend(image)
    await records.ended(image, async () => Promise.reject(new KubeletError('aborted', 'the agent ends')))
    assert.deepEqual(await bed.files(), [recordFile(image)])
    await records.intend(image)
    await records.ended(image, async () => id)
    assert.deepEqual(await bed.files(), [recordFile(id)])
    assert.equal(await mayUse(records, secret), false)
  })
})
