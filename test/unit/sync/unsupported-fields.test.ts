import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

describe('a field that is not supported', () => {
  const lines = (node: NodeInMemory): readonly string[] =>
    told(node.takeEvents()).filter((line) => line.includes('UnsupportedField'))
  const claiming = { resourceClaims: [{ name: 'gpu' }] }
  const tells = (path: string): string =>
    `Warning UnsupportedField ${path} is not supported by minikubelet: the container does not start without it`

  it('is told once, when the Pod first asks for it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: claiming })
    assert.deepEqual(lines(node), [tells('spec.resourceClaims')])
    const containers = [aContainer({ volumeDevices: [{ name: 'data', devicePath: '/dev/data' }] })]
    node.server.updatePod('default', 'web', { spec: { ...claiming, containers } })
    await node.settled()
    assert.deepEqual(lines(node), [tells('spec.containers[0].volumeDevices')])
    node.server.updatePod('default', 'web', { metadata: { labels: { a: 'b' } } })
    await node.settled()
    assert.deepEqual(lines(node), [])
  })

  it("is told likewise where only Docker's host cannot do it", async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { securityContext: { seLinuxOptions: { level: 's0' } } } })
    const label =
      "Warning UnsupportedField spec.securityContext.seLinuxOptions is ignored: Docker's host has no SELinux"
    assert.deepEqual(lines(node), [label])
    assert.deepEqual(node.container('main 0').request.body.HostConfig.SecurityOpt, [
      'label=level:s0',
      'seccomp=unconfined',
    ])
  })

  it('is not told of a Pod that is over, nor of one that ends', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...claiming, activeDeadlineSeconds: 1 } })
    await node.advance(2000)
    assert.equal(node.status('web')?.phase, 'Failed')
    node.takeEvents()
    node.kill()
    await node.restart()
    assert.deepEqual(lines(node), [])
  })
})
