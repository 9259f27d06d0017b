/**
 * Volumes that show an image, through the API server: one that has the field (1.35 and later),
 * or one that does not know it.
 */
import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, isReady, podManifest, staying, waitsFor, type PodManifest } from '../support/test-pod.ts'
import { GuardedRegistry } from './guarded-registry.ts'

const opened = new Opened()
const registry = await opened.open(GuardedRegistry.start())
const node = await opened.open(TestNode.start())
const minor = await node.kubectl.serverMinor()

/** A Pod that mounts an image, whatever the policy of its own. */
function shows(name: string, image: object, spec: object = {}): PodManifest {
  const main = staying('main', { volumeMounts: [{ name: 'data', mountPath: '/data' }] })
  return podManifest(name, [main], { volumes: [{ name: 'data', image }], ...spec })
}

function inside(pod: Pod, script: string): Promise<string> {
  return docker('exec', dockerId(pod, 'main'), 'sh', '-c', script)
}

if (minor >= 35) {
  describe('A volume that is an image, on a server that has such (1.35 and later)', { concurrency: 4 }, () => {
    it('is pulled with the secrets of the Pod, and with policy Always although it is there', async () => {
      const reference = await registry.push('volume:1', node.folder)
      await registry.createSecret(node, 'volume-secret')
      const manifest = shows(
        'pulls',
        { reference, pullPolicy: 'Always' },
        { imagePullSecrets: [{ name: 'volume-secret' }] },
      )
      const pod = await node.createUntil(manifest, 'ready', isReady)
      assert.equal(await inside(pod, '/data/bin/busybox echo content'), 'content')
      await node.untilEvent('pulls', 'Pulling', `Pulling image "${reference}"`)
      await node.untilEvent('pulls', 'Pulled', `Successfully pulled image "${reference}"`)
    })

    it('backs off when its registry gives it to nobody without a password, and the container waits for it', async () => {
      const reference = await registry.push('guarded:1', node.folder)
      await node.createUntil(shows('refused', { reference }), 'backing off', waitsFor('main', 'ImagePullBackOff'))
      await node.untilEvent('refused', 'Failed', `Failed to pull image "${reference}"`)
      await node.untilEvent('refused', 'Failed', 'Error: ErrImagePull')
      await node.untilEvent('refused', 'BackOff', `Back-off pulling image "${reference}"`)
    })
  })
} else {
  describe('A volume that is an image, on a server that does not know such (before 1.35)', () => {
    it('is refused before it comes to a node: only files bring it', async () => {
      await assert.rejects(node.create(shows('unknown', { reference: 'busybox:1.36' })), /unknown field "image"/u)
    })
  })
}
