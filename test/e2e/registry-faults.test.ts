import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { startRegistry } from '../integration/support/registry.ts'
import { FaultyRegistry, type Fault } from '../support/faulty-registry.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, isReady, podManifest, staying, statusOf, waitsFor } from '../support/test-pod.ts'
import { OwnImages } from './own-image.ts'

const opened = new Opened()
const registry = await opened.open(startRegistry({ authenticated: false }))
const images = await opened.open(new OwnImages())
const doors = await opened.open(new AsyncDisposableStack())
const flags = ['--serialize-image-pulls=false', '--image-pull-progress-deadline=5s']
const node = await opened.open(TestNode.start(...flags))

/** A registry of the test's own, with one image in it. */
async function faulty(name: string) {
  const door = doors.use(await FaultyRegistry.open(registry.port))
  return { door, ...(await images.push(`${door.address}/${name}:1`)) }
}

function puller(name: string, image: string) {
  return podManifest(name, [staying('main', { image })])
}

function messageOf(pod: Parameters<typeof findStatus>[0]): string {
  return findStatus(pod, 'main')?.state?.waiting?.message ?? ''
}

/** A Pod that has nothing to do with any of it. */
let bystander: Pod
before(async () => {
  bystander = await node.createUntil(podManifest('bystander', [staying('main')]), 'ready', isReady)
})

describe('A registry', { concurrency: 8 }, () => {
  /** Docker's versions have different words for the same. */
  const faults: readonly (readonly [name: string, fault: Fault, text: RegExp])[] = [
    ['fails', { kind: 'status', status: 500 }, /500|internal server error|unknown/iu],
    ['unavailable', { kind: 'status', status: 503 }, /503|service unavailable/iu],
    ['hangs', { kind: 'hangs' }, /^Cancel pulling image ".*" because of no progress for 5s, latest progress: "/u],
    ['away', { kind: 'is away' }, /connection re(?:fused|set)|EOF/u],
    ['truncates', { kind: 'truncates layers' }, /verification failed|unexpected|wrong|size|EOF/iu],
    ['corrupts', { kind: 'corrupts layers' }, /verification failed|unexpected|invalid|checksum|header/iu],
    [
      'stops',
      { kind: 'stops half-way' },
      /^Cancel pulling image ".*" because of no progress for 5s, latest progress: "\w+: /u,
    ],
  ]
  for (const [name, fault, text] of faults) {
    it(`that ${fault.kind}${'status' in fault ? ` ${fault.status}` : ''} makes an ErrImagePull, then a back-off, and heals`, async () => {
      const { door, image } = await faulty(name)
      door.set(fault)
      await node.create(puller(name, image))
      const failed = await node.until(name, 'failed to pull', waitsFor('main', 'ErrImagePull'))
      assert.match(messageOf(failed), text)
      const waits = await node.until(name, 'backing off', waitsFor('main', 'ImagePullBackOff'))
      assert.equal(messageOf(waits), `Back-off pulling image "${image}": ErrImagePull: ${messageOf(failed)}`)
      assert.equal(waits.status?.phase, 'Pending')
      const event = await node.untilEvent(name, 'Failed', 'Failed to pull image')
      assert.equal(event.message, `Failed to pull image "${image}": ${messageOf(failed)}`)
      assert.deepEqual([event.type, event.involvedObject.fieldPath], ['Warning', 'spec.containers{main}'])
      await node.untilEvent(name, 'Failed', 'Error: ErrImagePull')
      await node.untilEvent(name, 'BackOff', `Back-off pulling image "${image}"`)
      await node.untilEvent(name, 'Failed', 'Error: ImagePullBackOff')
      door.set({ kind: 'none' })
      const pod = await node.until(name, 'ready', isReady)
      assert.equal(statusOf(pod, 'main').restartCount, 0)
    })
  }

  it('that dies in the middle of a pull and comes back is not noticed, or heals', async () => {
    const { door, image } = await faulty('killed')
    door.set({ kind: 'stops half-way' })
    await node.create(puller('killed', image))
    await node.untilEvent('killed', 'Pulling')
    await door.until(() => door.begun > 0)
    door.set({ kind: 'is away' })
    door.set({ kind: 'none' })
    await node.until('killed', 'ready', isReady)
  })

  it('that is slow is seen to be at work', async () => {
    const { door, image } = await faulty('slow')
    door.set({ kind: 'is slow', ms: 16_000 })
    await node.create(puller('slow', image))
    const pulling = await node.until('slow', 'pulling', (pod) => messageOf(pod) !== '')
    assert.match(messageOf(pulling), /^Pulling image ".*": [01] of 2 layers, (?:\d\.\dM|\d+k)B of 4\.\dMB$/u)
    assert.equal(findStatus(pulling, 'main')?.state?.waiting?.reason, 'ContainerCreating')
    const ready = await node.until('slow', 'ready', isReady)
    const told = new Set(
      node
        .versions('slow')
        .map(messageOf)
        .filter((message) => message !== ''),
    )
    assert.ok(told.size <= 3, [...told].join('\n'))
    assert.equal(ready.status?.phase, 'Running')
  })

  it('that is asked by a Pod which is deleted is asked no more', async () => {
    const { door, image } = await faulty('deleted')
    door.set({ kind: 'is slow', ms: 20_000 })
    await node.create(puller('deleted', image))
    await node.untilEvent('deleted', 'Pulling')
    await door.until(() => door.begun > 0)
    await node.kubectl.run('delete', 'pod', 'deleted', '--wait=false')
    await door.until(() => door.brokenOff > 0)
    await node.untilGone('deleted')
  })

  it('is asked for a digest too', async () => {
    const { digest } = await faulty('by-digest')
    const pod = await node.createUntil(puller('by-digest', digest), 'ready', isReady)
    assert.equal(statusOf(pod, 'main').imageID, `docker-pullable://${digest}`)
  })
})

it('None of which has disturbed anybody', async () => {
  const pod = await node.until('bystander', 'ready', isReady)
  assert.deepEqual(statusOf(pod, 'main'), statusOf(bystander, 'main'))
})
