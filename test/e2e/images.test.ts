import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { startRegistry } from '../integration/support/registry.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying, statusOf, waitsFor } from '../support/test-pod.ts'

const opened = new Opened()
const registry = await opened.open(startRegistry({ authenticated: false }))
const pushed = new Set<string>()
opened.defer(() => Promise.allSettled([...pushed].map((id) => docker('rmi', '--force', id))))
const node = await opened.open(TestNode.start())

/** Pushes a busybox of its own under a name, which Docker then has no image of. Returns the name. */
async function push(name: string): Promise<string> {
  const image = `127.0.0.1:${registry.port}/${name}`
  const container = await docker('create', 'busybox:1.36')
  const id = await docker('commit', '--change', `LABEL name=${name}`, container, image)
  pushed.add(id)
  await docker('rm', container)
  await docker('push', '--quiet', image)
  await docker('rmi', image)
  return image
}

/** The events of a Pod so far, without those of its start. */
function told(pod: string, ...reasons: readonly string[]): readonly string[] {
  const events = node.events.items.map(({ object }) => object)
  return events
    .filter(({ involvedObject, reason }) => involvedObject.name === pod && reasons.includes(reason ?? ''))
    .map(({ reason, message }) => `${reason ?? ''}: ${message ?? ''}`)
}

describe('An image', { concurrency: 8 }, () => {
  it('that is not there is pulled once, and once only', async () => {
    const image = await push('once:1')
    const pod = await node.createUntil(podManifest('pulls', [staying('main', { image })]), 'ready', isReady)
    await node.untilEvent('pulls', 'Started')
    const [pulling, pulled] = told('pulls', 'Pulling', 'Pulled')
    assert.equal(pulling, `Pulling: Pulling image "${image}"`)
    const size = await docker('inspect', '--format', '{{.Size}}', image)
    assert.match(
      pulled ?? '',
      new RegExp(
        `^Pulled: Successfully pulled image "${image}" in \\S+ \\(\\S+ including waiting\\)\\. Image size: ${size} bytes\\.$`,
        'u',
      ),
    )
    assert.match(statusOf(pod, 'main').imageID, /^docker-pullable:\/\/127\.0\.0\.1:\d+\/once@sha256:[0-9a-f]{64}$/u)

    await node.createUntil(podManifest('finds', [staying('main', { image })]), 'ready', isReady)
    await node.untilEvent('finds', 'Started')
    assert.deepEqual(told('finds', 'Pulling', 'Pulled'), [
      `Pulled: Container image "${image}" already present on machine and can be accessed by the pod`,
    ])
  })

  it('with policy Always is pulled although it is there', async () => {
    const image = await push('always:1')
    await docker('pull', '--quiet', image)
    const main = staying('main', { image, imagePullPolicy: 'Always' })
    await node.createUntil(podManifest('always', [main]), 'ready', isReady)
    await node.untilEvent('always', 'Pulling', `Pulling image "${image}"`)
    await node.untilEvent('always', 'Pulled', `Successfully pulled image "${image}"`)
  })

  it('that comes to its registry late is found when the back-off is over', async () => {
    const image = `127.0.0.1:${registry.port}/late:1`
    const manifest = podManifest('late', [staying('main', { image })])
    await node.createUntil(manifest, 'backing off', waitsFor('main', 'ImagePullBackOff'))
    assert.equal(await push('late:1'), image)
    const pod = await node.until('late', 'ready', isReady)
    assert.equal(statusOf(pod, 'main').restartCount, 0)
  })
})
