import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec, VolumeMountSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { far, refused } from './far-image.ts'
import { told } from './told.ts'

const mounts = [{ name: 'data', mountPath: '/data' }]

/** A Pod of two containers, of which one mounts an image. */
function shows(reference: string, pullPolicy = 'IfNotPresent'): Partial<PodSpec> {
  return {
    containers: [aContainer({ volumeMounts: mounts }), aContainer({ name: 'other' })],
    volumes: [{ name: 'data', image: { reference, pullPolicy } }],
  }
}

function stateOf(node: NodeInMemory, name: string) {
  return node.status('web')?.containerStatuses?.find((container) => container.name === name)?.state
}

describe('a Pod with a volume that is an image', () => {
  it('has it pulled, mounted and shown read-only, and lets go of it in the end', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    await node.run({ name: 'web', spec: shows(far) })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.ok(told(node.takeEvents()).includes(`Normal Pulling Pulling image "${far}"`))
    const [mounted] = node.mounts.table.mounts
    const [mount] = node.container('main 0').request.body.HostConfig.Mounts ?? []
    assert.deepEqual(mount, {
      Type: 'bind',
      Source: mounted?.target,
      Target: '/data',
      ReadOnly: true,
      BindOptions: { ReadOnlyNonRecursive: true },
    })
    assert.equal(node.docker.holds.names.length, 1)
    await node.delete('web')
    await node.advance(1000)
    assert.deepEqual(node.docker.holds.names, [])
    assert.deepEqual(node.mounts.table.mounts, [])
  })

  it('is held up by it at its end, and gives up all else, while somebody uses the image', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    const spec = shows(far)
    const memory = { name: 'memory', emptyDir: { medium: 'Memory' } }
    const volumeMounts = [...mounts, { name: 'memory', mountPath: '/memory' }]
    const volumes = [...(spec.volumes ?? []), memory]
    await node.run({ name: 'web', spec: { containers: [aContainer({ volumeMounts })], volumes } })
    const image = node.mounts.table.mounts.find(({ type }) => type === 'overlay')
    node.mounts.table.busy.add(image?.target ?? '')
    await node.delete('web')
    await node.advance(3000)
    assert.deepEqual(node.mounts.table.mounts, [image])
    assert.equal(node.docker.holds.names.length, 1)
    node.mounts.table.busy.clear()
    await node.advance(12_000)
    assert.deepEqual([node.mounts.table.mounts, node.docker.holds.names, await node.folders()], [[], [], []])
  })

  it("holds up nobody but the container that mounts it when the image can't be had", async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: shows(far) })
    await node.advance(400)
    assert.ok(stateOf(node, 'other')?.running)
    assert.deepEqual(stateOf(node, 'main')?.waiting, { reason: 'ErrImagePull', message: refused.message })
    await node.advance(2000)
    assert.deepEqual(stateOf(node, 'main')?.waiting, {
      reason: 'ImagePullBackOff',
      message: `Back-off pulling image "${far}": ErrImagePull: ${refused.message}`,
    })
    const events = told(node.takeEvents()).filter((text) => text.startsWith('Warning') || text.includes('Back'))
    assert.deepEqual(events, [
      `Warning Failed Failed to pull image "${far}": ${refused.message}`,
      'Warning Failed Error: ErrImagePull',
      `Normal BackOff Back-off pulling image "${far}"`,
      'Warning Failed Error: ImagePullBackOff',
    ])
    node.docker.publish(far)
    await node.advance(12_000)
    assert.ok(stateOf(node, 'main')?.running)
  })

  it('tells that it is never to be pulled, and that its name is none', async (t) => {
    for (const [reference, policy, reason] of [
      [far, 'Never', 'ErrImageNeverPull'],
      ['UPPER', 'IfNotPresent', 'InvalidImageName'],
    ] as const) {
      await using node = await aNode(t)
      await node.run({ name: 'web', spec: shows(reference, policy) })
      await node.advance(400)
      assert.equal(stateOf(node, 'main')?.waiting?.reason, reason)
      assert.ok(told(node.takeEvents()).includes(`Warning Failed Error: ${reason}`))
    }
  })

  it('runs without it when no container mounts it, whether it can be had or not', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far, refused)
    await node.run({ name: 'web', spec: { ...shows(far), containers: [aContainer()] } })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.ok(told(node.takeEvents()).includes(`Warning Failed Failed to pull image "${far}": ${refused.message}`))
  })

  it('keeps it when a container starts anew, and for the next agent to let go of', async (t) => {
    await using node = await aNode(t)
    node.docker.publish(far)
    await node.run({ name: 'web', spec: shows(far) })
    await node.exit('main 0', 1)
    await node.advance(20_000)
    assert.equal(node.status('web')?.containerStatuses?.find(({ name }) => name === 'main')?.restartCount, 1)
    assert.equal(node.mounts.table.mounts.length, 1)
    node.kill()
    await node.restart()
    await node.delete('web')
    await node.advance(5000)
    assert.deepEqual(node.docker.holds.names, [])
    assert.deepEqual(node.mounts.table.mounts, [])
  })
})

describe('a part of an image that Docker mounts by itself, and does not find when the container starts', () => {
  const daemon = { storageDriver: 'overlayfs', apiVersion: '1.51' }
  const layers = '/var/lib/docker/rootfs/overlayfs/1'
  const waiting = {
    reason: 'CreateContainerError',
    message: 'failed to prepare subPath for volumeMount "data" of container "main"',
  }
  const parts: readonly (readonly [string, Partial<VolumeMountSpec>, string])[] = [
    ['is not there', { subPath: 'none' }, `cannot access path ${layers}/none: lstat ${layers}/none: no such file`],
    [
      'leads out of it',
      { subPathExpr: 'out' },
      `path concatenation escapes the base directory, base: ${layers}, subpath: out`,
    ],
  ]
  for (const [what, mount, message] of parts) {
    it(`has the container fail to be created, under Never too, when it ${what}`, async (t) => {
      await using node = await aNode(t, { daemon, programs: { main: { kind: 'cannot-run', message } } })
      const volumes = [{ name: 'data', image: { reference: 'busybox:1.36' } }]
      const containers = [aContainer({ volumeMounts: [{ name: 'data', mountPath: '/data', ...mount }] })]
      await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers, volumes } })
      await node.advance(400)
      const states = node.statusesOf('web').map((status) => status.containerStatuses?.[0]?.state)
      assert.deepEqual(
        states.filter((state) => state?.terminated !== undefined),
        [],
      )
      assert.deepEqual(stateOf(node, 'main')?.waiting, waiting)
      assert.deepEqual(node.containers, ['sandbox 0 running'])
      assert.ok(told(node.takeEvents()).includes(`Warning Failed Error: ${waiting.message}`))
      await node.advance(9000, 200)
      assert.equal(stateOf(node, 'main')?.waiting?.reason, waiting.reason)
      node.programs.delete('main')
      await node.advance(1000)
      assert.ok(stateOf(node, 'main')?.running)
      assert.equal(node.status('web')?.containerStatuses?.[0]?.restartCount, 0)
    })
  }

  it("is Docker's word alone for a container that mounts no part of an image", async (t) => {
    const message = `exec: "sh": cannot access path ${layers}`
    await using node = await aNode(t, { daemon, programs: { main: { kind: 'cannot-run', message } } })
    await node.run({ name: 'web', spec: { ...shows('busybox:1.36'), restartPolicy: 'Never' } })
    assert.equal(stateOf(node, 'main')?.terminated?.reason, 'ContainerCannotRun')
  })
})
