/** Volumes that show an image: static Pods, as API servers before 1.31 drop the field; on newer ones through them, too. */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { ContainerSpec, Pod, VolumeMountSpec } from '../../src/model/kube.ts'
import { BuiltImages } from '../support/built-images.ts'
import { docker } from '../support/command.ts'
import { tellsLayers } from '../support/image-layers.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { dockerId, isReady, podManifest, staying, statusOf } from '../support/test-pod.ts'

/**
 * The agent mounts the layers of an image in the Pod's directory; elsewhere Docker mounts it
 * into each container by itself.
 */
const mountsLayers = await tellsLayers()
const opened = new Opened()
const images = await opened.open(new BuiltImages())
const node = await opened.open(StandaloneNode.start())
const models = await images.build(
  'RUN mkdir -p /models/deep && echo kitten >/models/name && echo gone >/models/deep/gone && chmod 751 /models',
  'RUN rm /models/deep/gone && ln -s /etc /models/out && ln -s deep /models/link && echo deeper >/models/deep/file',
)

interface Wish {
  readonly reference?: string
  readonly pullPolicy?: string
  readonly mounts?: readonly Partial<VolumeMountSpec>[]
  readonly more?: readonly ContainerSpec[]
}

/** Writes the manifest of a Pod whose container `main` mounts an image at `/data`, or as it is said. */
async function put(
  name: string,
  { reference = models, pullPolicy = 'Never', mounts = [{}], more = [] }: Wish = {},
): Promise<void> {
  const volumeMounts = mounts.map((mount) => ({ name: 'data', mountPath: '/data', ...mount }))
  const volumes = [{ name: 'data', image: { reference, pullPolicy } }]
  await node.write(`${name}.json`, podManifest(name, [staying('main', { volumeMounts }), ...more], { volumes }))
}

/** The Pod by its name in the manifest, when it is ready. */
async function ready(name: string): Promise<Pod> {
  const pod = await node.until(name, 'ready', (seen) => seen !== undefined && isReady(seen))
  assert.ok(pod)
  return pod
}

async function waiting(name: string, reason: string): Promise<Pod> {
  const pod = await node.until(
    name,
    reason,
    (seen) => seen?.status?.containerStatuses?.some(({ state }) => state?.waiting?.reason === reason) === true,
  )
  assert.ok(pod)
  return pod
}

/** Its container is not made for what it is to mount. */
async function isNotMade(name: string): Promise<void> {
  const pod = await waiting(name, 'CreateContainerError')
  const { state, restartCount } = statusOf(pod, 'main')
  const told = /^failed to (prepare subPath|create subPath directory) for volumeMount "data" of container "main"$/u
  assert.match(state?.waiting?.message ?? '', told)
  assert.equal(restartCount, 0)
}

function inside(pod: Pod, container: string, script: string): Promise<string> {
  return docker('exec', dockerId(pod, container), 'sh', '-c', script)
}

/** What is mounted in the folder of a Pod. */
async function mounted(uid: string): Promise<readonly string[]> {
  const lines = (await readFile('/proc/self/mountinfo', 'utf8')).split('\n')
  return lines.map((line) => line.split(' ')[4] ?? '').filter((target) => target.includes(`/pods/${uid}/`))
}

/** Waits until something is not so any more; the agent tells nobody when it is. */
async function untilNot(isSo: () => Promise<boolean>): Promise<void> {
  const deadline = Date.now() + 30_000
  while (await isSo()) {
    assert.ok(Date.now() < deadline, 'it is so still')
    await delay(50)
  }
}

/** What is held in Docker for volumes of this node's Pods, by the name of the Pod. */
async function held(name: string): Promise<string> {
  const labels = [
    'minikubelet.kind=image',
    `minikubelet.node=${node.name}`,
    `io.kubernetes.pod.name=${name}-${node.name}`,
  ]
  return docker('ps', '--all', '--format', '{{.State}}', ...labels.flatMap((label) => ['--filter', `label=${label}`]))
}

describe('A volume that is an image', { concurrency: 8 }, () => {
  it('shows its content, with what later layers removed and the modes that it has', async () => {
    await put('whole')
    const pod = await ready('whole')
    assert.equal(
      await inside(pod, 'main', 'cat /data/models/name; ls /data/models/deep; stat -c %a /data/models'),
      'kitten\nfile\n751',
    )
    // It is a program that it brings, and may be run.
    assert.equal(await inside(pod, 'main', '/data/bin/busybox echo runs'), 'runs')
  })

  it('can be written by nobody', async () => {
    await put('read-only', { mounts: [{ readOnly: false }] })
    const pod = await ready('read-only')
    for (const script of ['echo x >/data/new', 'rm /data/models/name', 'chmod 777 /data/models']) {
      await assert.rejects(inside(pod, 'main', script), /Read-only file system/u)
    }
  })

  it('shows a part of it, and nothing that a link in it leads out to', async () => {
    await put('part', { mounts: [{ subPath: 'models/link' }] })
    assert.equal(await inside(await ready('part'), 'main', 'ls /data'), 'file')
    await put('out', { mounts: [{ subPath: 'models/out' }] })
    await isNotMade('out')
  })

  it('has a container fail to be created whose part of it is not there', async () => {
    await put('no-part', { mounts: [{ subPath: 'not-existing' }] })
    await isNotMade('no-part')
  })

  it('is shared by containers and Pods, and goes with each of them alone', async () => {
    const other = staying('other', { volumeMounts: [{ name: 'data', mountPath: '/elsewhere' }] })
    await put('shared-a', { more: [other] })
    await put('shared-b')
    const [a, b] = await Promise.all([ready('shared-a'), ready('shared-b')])
    assert.equal(await inside(a, 'other', 'cat /elsewhere/models/name'), 'kitten')
    await node.remove('shared-a.json')
    await untilNot(async () => (await held('shared-a')) !== '')
    assert.equal(await inside(b, 'main', 'cat /data/models/name'), 'kitten')
    assert.equal(await held('shared-b'), mountsLayers ? 'created' : '')
  })

  it('stays when its image is removed by force, and for containers that start anew', async () => {
    const reference = await images.build('RUN echo mine >/name')
    await put('forced', { reference, pullPolicy: 'IfNotPresent' })
    const pod = await ready('forced')
    await docker('rmi', '--force', reference)
    assert.equal(await inside(pod, 'main', 'cat /data/name'), 'mine')
  })

  it("holds up only the containers that mount it while it can't be had", async () => {
    await put('missing', { reference: 'nobody/has-this:1', more: [staying('other')] })
    const pod = await waiting('missing', 'ErrImageNeverPull')
    assert.equal(statusOf(pod, 'main').state?.waiting?.reason, 'ErrImageNeverPull')
    await node.until('missing', 'half up', (seen) => {
      const other = seen?.status?.containerStatuses?.find(({ name }) => name === 'other')
      return other?.state?.running !== undefined
    })
  })

  it('is cleared away by the next agent when one was killed, and nothing is left mounted', async () => {
    await put('killed')
    const { uid } = (await ready('killed')).metadata
    assert.equal((await mounted(uid)).length, mountsLayers ? 1 : 0)
    await node.agent.kill()
    await node.remove('killed.json')
    node.restartAgent()
    const isLeft = async (): Promise<boolean> => (await held('killed')) !== '' || (await mounted(uid)).length > 0
    await untilNot(isLeft)
  })
})
