import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { told } from './told.ts'

describe('a field that is not supported', () => {
  const lines = (node: NodeInMemory): readonly string[] =>
    told(node.takeEvents()).filter((line) => line.includes('UnsupportedField'))
  const volumes = [{ name: 'data', emptyDir: { sizeLimit: '1Gi' } }]
  const sizeLimit = (index: number): string =>
    `Warning UnsupportedField spec.volumes[${index}].emptyDir.sizeLimit is not supported by minikubelet: it is ignored`

  it('is told once, when the Pod first asks for it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { volumes } })
    assert.deepEqual(lines(node), [sizeLimit(0)])
    node.server.updatePod('default', 'web', { spec: { volumes: [...volumes, ...volumes] } })
    await node.settled()
    assert.deepEqual(lines(node), [sizeLimit(1)])
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
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 0 } } })
    await node.run({ name: 'web', spec: { volumes, restartPolicy: 'Never' } })
    node.takeEvents()
    node.kill()
    await node.restart()
    assert.deepEqual(lines(node), [])
  })
})
