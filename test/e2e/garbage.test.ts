import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { BuiltImages } from '../support/built-images.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell } from '../support/test-pod.ts'

const opened = new Opened()
const images = await opened.open(new BuiltImages())
// Any disk is fuller than this, so every round is short of room; a round begins with each agent.
const full = ['--image-gc-high-threshold=1', '--image-gc-low-threshold=0', '--minimum-image-ttl-duration=0s']
const node = await opened.open(TestNode.start(...full))

describe('an agent that begins on a full disk', () => {
  it('removes the images that Pods have asked for and nobody uses, but none that has a name of somebody else', async () => {
    // Never the images of the other tests: those are not to go.
    const [used, left, mine] = await Promise.all(
      ['used', 'left', 'mine'].map((name) => images.build(`LABEL is=${name}`)),
    )
    assert.ok(used !== undefined && left !== undefined && mine !== undefined)
    const own = mine.replace(':', ':own-')
    await docker('tag', mine, own)
    opened.defer(() => docker('rmi', own).catch(() => undefined))
    const never = { imagePullPolicy: 'Never' } as const
    await node.createAll([
      podManifest('stays', [shell('main', 'sleep 86400', { ...never, image: used })]),
      podManifest('leaves', [shell('main', 'sleep 86400', { ...never, image: left })]),
      podManifest('leaves-mine', [shell('main', 'sleep 86400', { ...never, image: mine })]),
    ])
    for (const name of ['stays', 'leaves', 'leaves-mine']) await node.until(name, 'ready', isReady)
    for (const name of ['leaves', 'leaves-mine']) {
      await node.kubectl.run('delete', 'pod', name, '--grace-period=1')
      await node.untilGone(name)
    }
    await node.agent.stop()
    node.restartAgent()
    const removed = await node.agent.log.first(
      'an image removed',
      ({ msg }) => msg === 'An image is removed that nobody uses',
    )
    assert.deepEqual(removed['tags'], [left])
    await node.agent.log.first('a failed round', ({ msg }) => msg === 'Garbage could not be collected')
    const there = await docker('image', 'ls', '--format', '{{.Repository}}:{{.Tag}}')
    for (const [image, isThere] of [
      [used, true],
      [left, false],
      [mine, true],
      [own, true],
    ] as const) {
      assert.equal(there.includes(image), isThere, image)
    }
  })
})
