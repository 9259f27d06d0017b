import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { ImageGarbage, type ImageGarbageOptions } from '../../../src/garbage/image-garbage.ts'
import type { FileSystemRoom, ImagePolicy } from '../../../src/garbage/image-rules.ts'
import { ImageUses } from '../../../src/garbage/image-uses.ts'
import type { ImageId } from '../../../src/model/ids.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { containerRequest } from '../../contract/engine/requests.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'
import { temporaryFolder } from '../volume/temporary-folder.ts'

const minute = 60_000
/** What all images of the fake take. */
const size = 1_000_000
const tooLittle: FileSystemRoom = { capacity: 100 * size, available: 15 * size }
const enough: FileSystemRoom = { capacity: 100 * size, available: 50 * size }

describe('images that nobody uses', () => {
  it('stay while the disk has room, and Docker is not asked', async (t) => {
    const bed = await aBed(t, { room: enough })
    bed.pulled('nginx:1')
    await bed.collect()
    assert.deepEqual(bed.engine.calls, [])
    assert.deepEqual(bed.images, ['nginx:1'])
  })

  it('go when it is full, those first that were unused for longest, until it is as empty as it shall be', async (t) => {
    const bed = await aBed(t, { room: tooLittle, policy: { lowPercent: 83 } })
    for (const name of ['a:1', 'b:1', 'c:1']) {
      bed.pulled(name)
      bed.pass(minute)
    }
    bed.pulled('a:1')
    bed.pass(minute)
    await bed.collect()
    assert.deepEqual(bed.images, ['a:1'])
    assert.deepEqual(bed.removed, ['space b:1', 'space c:1'])
  })

  it('go on with the next where Docker does not let go of one, and the round has failed', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    bed.pulled('a:1')
    bed.pass(minute)
    bed.pulled('b:1')
    bed.pass(5 * minute)
    bed.engine.failNext('removeImage', new KubeletError('conflict', 'in use'))
    const message = `wanted to free ${5 * size} bytes, but freed ${size} bytes space with errors in image deletion: in use`
    await assert.rejects(bed.collect(), { code: 'internal', message })
    assert.deepEqual(bed.images, ['a:1'])
    assert.deepEqual(bed.told, [])
  })

  it('are told of where all of them together are not enough', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    bed.pulled('a:1')
    bed.pass(5 * minute)
    await assert.rejects(
      bed.collect(),
      /Insufficient free disk space .* \(85% of 95.4 MiB used\).*freed 1000000 bytes/u,
    )
    assert.match(bed.told.join(), /^FreeDiskSpaceFailed Insufficient free disk space/u)
  })

  it('stay where the disk has no size', async (t) => {
    const bed = await aBed(t, { room: { capacity: 0, available: 0 } })
    await assert.rejects(bed.collect(), { message: 'invalid capacity 0 on image filesystem' })
    assert.deepEqual(bed.told, ['InvalidDiskCapacity invalid capacity 0 on image filesystem'])
  })

  it('stay while anybody has a container of them, or a Pod waits to be made of them', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    for (const name of ['used:1', 'wanted:1', 'pause:1', 'left:1']) bed.pulled(name)
    bed.docker.create(containerRequest({ nodeName: 'another', image: 'used:1' }))
    bed.wanted.push('docker.io/library/wanted:1')
    bed.pass(5 * minute)
    await assert.rejects(bed.collect())
    assert.deepEqual(bed.images, ['used:1', 'wanted:1', 'pause:1'])
  })

  it('stay when a Pod asks for them while those before them are being removed', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    bed.pulled('first:1')
    bed.pass(minute)
    bed.pulled('second:1')
    bed.pass(5 * minute)
    bed.onRemoved = () => bed.pulled('second:1')
    await assert.rejects(bed.collect())
    assert.deepEqual(bed.removed, ['space first:1'])
  })

  it('stay where no Pod has asked for them, or somebody else has named them too', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    bed.docker.addImage('built:dev')
    bed.pulled('app:1', 'app:mine')
    bed.pulled('ours:1')
    bed.pass(5 * minute)
    await assert.rejects(bed.collect())
    assert.deepEqual(bed.images, ['built:dev', 'app:1'])
  })

  it('go whoever has brought them where all images are the node’s', async (t) => {
    const bed = await aBed(t, { room: tooLittle, scope: 'all' })
    bed.docker.addImage('built:dev')
    await assert.rejects(bed.collect(), /freed 0 bytes/u)
    bed.pass(2 * minute)
    await assert.rejects(bed.collect(), /freed 1000000 bytes/u)
    assert.deepEqual(bed.images, [])
  })

  it('go when they were not used for too long, but not before the agent has run for so long', async (t) => {
    const bed = await aBed(t, { room: enough, policy: { maxAgeMs: 10 * minute } })
    bed.pulled('old:1')
    bed.pulled('held:1')
    bed.pass(10 * minute)
    bed.held.add(bed.docker.findImage('held:1')?.id)
    await bed.collect()
    assert.deepEqual(bed.engine.calls, [])
    bed.held.clear()
    bed.pass(1)
    await bed.collect()
    assert.deepEqual(bed.removed, ['age old:1'])
    assert.deepEqual(bed.images, ['held:1'])
  })

  it('go at once when the node is short of disk, but for the young', async (t) => {
    const bed = await aBed(t, { room: enough })
    bed.pulled('a:1')
    bed.pass(2 * minute)
    bed.pulled('b:1')
    await bed.reclaim()
    assert.deepEqual(bed.images, ['b:1'])
  })

  it('are known to the next agent, as those of Pods and by all their names', async (t) => {
    const bed = await aBed(t, { room: tooLittle })
    bed.pulled('app:1', 'app:2')
    bed.uses.asked('app:2', bed.docker.addImage('app:1', 'app:2').id)
    await bed.uses.settled()
    const next = await aBed(t, { room: tooLittle }, bed)
    await assert.rejects(next.collect(), /freed 0 bytes/u)
    next.pass(2 * minute)
    await assert.rejects(next.collect(), /freed 1000000 bytes/u)
    assert.deepEqual(next.images, [])
    await next.uses.settled()
    assert.equal(await readFile(join(bed.folder, 'image_manager/used.json'), 'utf8'), '{}')
  })
})

interface Bed {
  readonly docker: FakeDocker
  readonly folder: string
}

interface Given {
  readonly room: FileSystemRoom
  readonly policy?: Partial<ImagePolicy>
  readonly scope?: ImageGarbageOptions['scope']
}

/** An agent's garbage collection of images, on a Docker without any. */
async function aBed(t: TestContext, { room, policy, scope = 'pods' }: Given, before?: Bed) {
  let nowMs = 1_000_000
  const now = (): number => nowMs
  const docker = before?.docker ?? new FakeDocker({ now })
  const folder = before?.folder ?? (await temporaryFolder(t))
  const engine = new FakeEngine({ docker, nodeName: 'node' })
  const uses = new ImageUses({ rootDir: folder, onFault: assert.ifError, now })
  await uses.load()
  const held = new Set<ImageId | undefined>()
  const wanted: string[] = []
  const told: string[] = []
  const removed: string[] = []
  const garbage = new ImageGarbage({
    engine,
    uses,
    policy: { highPercent: 85, lowPercent: 80, minAgeMs: 2 * minute, maxAgeMs: 0, ...policy },
    scope,
    room: async () => room,
    held: () => [...held].filter((id) => id !== undefined),
    wanted: () => wanted,
    isPinned: ({ tags }) => tags.includes('pause:1'),
    tell: (reason, message) => told.push(`${reason} ${message}`),
    onRemoved: (why, { tags }) => {
      removed.push(`${why} ${tags.join()}`)
      bed.onRemoved()
    },
    now,
  })
  const bed = {
    onRemoved: (): void => undefined,
    docker,
    folder,
    engine,
    uses,
    held,
    wanted,
    told,
    removed,
    get images() {
      return docker.images.map(({ tags }) => tags[0])
    },
    collect: () => written(uses, garbage.collect(t.signal)),
    reclaim: () => written(uses, garbage.reclaim(t.signal)),
    pass: (milliseconds: number) => void (nowMs += milliseconds),
    /** A Pod asks for an image by the first of these names, and it is there. */
    pulled: (name: string, ...others: readonly string[]) => {
      uses.asked(name, (docker.findImage(name) ?? docker.addImage(name, ...others)).id)
    },
  }
  return bed
}

/** The same, when all that is to be noted of it is on the disk. */
async function written(uses: ImageUses, work: Promise<void>): Promise<void> {
  try {
    await work
  } finally {
    await uses.settled()
  }
}
