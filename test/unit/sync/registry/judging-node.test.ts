import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { asking } from '../../../builders/admission.ts'
import { aNode } from '../../../support/node-in-memory.ts'
import { aStaticPod, cpu, ends } from './admitted.ts'

describe('the Node that a Pod is judged by', () => {
  it('is waited for by Pods of the API server, and not by static ones', async (t) => {
    await using node = await aNode(t, { hasManifests: true, isNodeKnown: false })
    await node.run({ name: 'web' })
    await node.addStatic(aStaticPod('static'))
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    assert.equal(node.statuses.get('static-static')?.phase, 'Running')
    assert.deepEqual(ends(node, 'web'), ['web Pending'])
    node.registry.admission.setNode(node.server.requireNode('node-1'))
    await node.settled()
    assert.deepEqual(ends(node, 'web'), ['web Running'])
  })

  it('is read anew before a Pod is refused for what it says, and only then', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'plain', spec: cpu('1') })
    await node.run({ name: 'windows', spec: { os: { name: 'windows' } } })
    assert.equal(node.cluster.count('getNode'), 0)
    node.server.patchNode('node-1', { metadata: { labels: { disk: 'ssd' } } })
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    assert.deepEqual(ends(node, 'web'), ['web Running'])
    assert.equal(node.cluster.count('getNode'), 1)
    await node.run({ name: 'other', spec: { nodeSelector: { disk: 'ssd' } } })
    assert.equal(node.cluster.count('getNode'), 1)
  })

  it('is read anew when a Pod asks for something that the node may have got', async (t) => {
    await using node = await aNode(t)
    node.server.patchNodeStatus('node-1', { allocatable: { 'a.b/gpu': '1' } })
    await node.run({ name: 'two', spec: { containers: [asking({ 'a.b/gpu': '2' })] } })
    await node.run({ name: 'one', spec: { containers: [asking({ 'a.b/gpu': '1' })] } })
    assert.deepEqual(ends(node, 'two', 'one'), ['two Failed OutOfa.b/gpu', 'one Running'])
    assert.equal(node.cluster.count('getNode'), 1)
  })

  it('is waited for when it cannot be read, rather than that a Pod is refused by mistake', async (t) => {
    await using node = await aNode(t)
    node.clusterGate.refuse('getNode', new KubeletError('unavailable', 'the API server is away'))
    node.server.patchNode('node-1', { metadata: { labels: { disk: 'ssd' } } })
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    await node.run({ name: 'plain' })
    await node.advance(3_000)
    assert.deepEqual(ends(node, 'web', 'plain'), ['web Pending', 'plain Running'])
    assert.ok(node.logged.includes('Node: the API server is away'))
    node.clusterGate.refuse('getNode', undefined)
    await node.advance(10_000)
    assert.deepEqual(ends(node, 'web'), ['web Running'])
  })

  it('holds up nobody else while it is being read', async (t) => {
    await using node = await aNode(t)
    const release = node.clusterGate.hold('getNode')
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    await node.run({ name: 'plain' })
    await node.run({ name: 'other', spec: { nodeSelector: { disk: 'ssd' } } })
    assert.deepEqual(ends(node, 'web', 'plain', 'other'), ['web Pending', 'plain Running', 'other Pending'])
    release()
    await node.settled()
    assert.deepEqual(ends(node, 'web', 'other'), ['web Failed NodeAffinity', 'other Failed NodeAffinity'])
    assert.equal(node.cluster.count('getNode'), 2)
  })

  it('is what the agent would make it, where there is none', async (t) => {
    await using node = await aNode(t)
    node.server.deleteNode('node-1')
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    assert.deepEqual(ends(node, 'web'), ['web Failed NodeAffinity'])
  })

  it('has the taints that drive Pods away', async (t) => {
    await using node = await aNode(t, { node: { spec: { taints: [{ key: 'gone', effect: 'NoExecute' }] } } })
    await node.run({ name: 'web' })
    await node.run({ name: 'tough', spec: { tolerations: [{ operator: 'Exists' }] } })
    assert.deepEqual(ends(node, 'web', 'tough'), ['web Failed TaintToleration', 'tough Running'])
  })

  it('is asked no more about a Pod that was let in', async (t) => {
    await using node = await aNode(t, { node: { labels: { disk: 'ssd' } } })
    await node.run({ name: 'web', spec: { nodeSelector: { disk: 'ssd' } } })
    node.server.patchNode('node-1', { metadata: { labels: { disk: 'hdd' } } })
    node.server.updatePod('default', 'web', { metadata: { labels: { a: 'b' } } })
    await node.advance(120_000)
    assert.deepEqual(ends(node, 'web'), ['web Running'])
  })

  it('allows the sysctls that its operator allows', async (t) => {
    await using node = await aNode(t, { unsafeSysctls: ['net.core.*'] })
    const setting = (name: string) => ({ securityContext: { sysctls: [{ name, value: '1' }] } })
    await node.run({ name: 'allowed', spec: setting('net.core.somaxconn') })
    await node.run({ name: 'unsafe', spec: setting('kernel.msgmax') })
    assert.deepEqual(ends(node, 'allowed', 'unsafe'), ['allowed Running', 'unsafe Failed SysctlForbidden'])
  })
})
