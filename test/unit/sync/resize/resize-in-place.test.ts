import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'
import { having, of, resize, resizing, shown, updates } from './resizable.ts'

const mebibyte = 1024 ** 2

describe('a Pod that asks for something else while it runs', () => {
  it('gets it without an end of anything, and its status says so', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi', '200m/128Mi'))] } })
    assert.equal(shown(node), '100m/64Mi 200m/128Mi, 100m/64Mi')
    node.takeCalls()
    node.takeEvents()
    await resize(node, { containers: [having(of('300m/96Mi', '400m/256Mi'))] })
    assert.deepEqual(updates(node), [
      `update main 0 Memory=${256 * mebibyte} MemorySwap=${256 * mebibyte}`,
      'update main 0 CpuShares=307 CpuPeriod=100000 CpuQuota=40000',
    ])
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    assert.equal(shown(node), '300m/96Mi 400m/256Mi, 300m/96Mi')
    assert.equal(node.status('web')?.containerStatuses?.[0]?.restartCount, 0)
    assert.deepEqual(resizing(node), [])
  })

  it('is told of when it begins and when it is done', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    node.takeEvents()
    await resize(node, { containers: [having(of('200m/64Mi'))] })
    const json =
      '{"containers":[{"name":"main","resources":{"limits":{"cpu":"200m","memory":"64Mi"},' +
      '"requests":{"cpu":"200m","memory":"64Mi"}}}],"generation":2}'
    assert.deepEqual(told(node.takeEvents()), [
      `Normal ResizeStarted Pod resize started: ${json}`,
      `Normal ResizeCompleted Pod resize completed: ${json}`,
    ])
  })

  it('is in progress until Docker has done it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    const release = node.engineGate.hold('update')
    await resize(node, { containers: [having(of('200m/64Mi'))] })
    await node.advance(1000)
    assert.deepEqual(resizing(node), ['PodResizeInProgress 2'])
    assert.equal(shown(node), '100m/64Mi 100m/64Mi, 200m/64Mi')
    release()
    await node.settled()
    assert.deepEqual(resizing(node), [])
    assert.equal(shown(node), '200m/64Mi 200m/64Mi, 200m/64Mi')
  })

  it('has no status that has seen what it asks for and says nothing of what becomes of that', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    await resize(node, { containers: [having(of('200m/64Mi'))] })
    const seen = node.statusesOf('web').filter(({ observedGeneration }) => observedGeneration === 2)
    assert.ok(seen.length > 0)
    for (const { conditions, containerStatuses } of seen) {
      const isUnderWay = conditions?.some(({ type }) => type === 'PodResizeInProgress')
      assert.ok(isUnderWay === true || containerStatuses?.[0]?.resources?.limits?.['cpu'] === '200m')
    }
  })

  it('asks Docker for nothing where only a request of memory changes', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi', '/128Mi'))] } })
    node.takeCalls()
    await resize(node, { containers: [having(of('100m/96Mi', '/128Mi'))] })
    assert.deepEqual(updates(node), [])
    assert.equal(shown(node), '100m/96Mi -/128Mi, 100m/96Mi')
    assert.deepEqual(resizing(node), [])
  })

  it('takes from some of its containers before it gives to others', async (t) => {
    await using node = await aNode(t)
    const names = ['a', 'b', 'c']
    await node.run({ name: 'web', spec: { containers: names.map((name) => having(of('100m/64Mi'), name)) } })
    node.takeCalls()
    const [a, b, c] = ['200m/64Mi', '50m/64Mi', '100m/64Mi'].map((text, index) => having(of(text), names[index]))
    await resize(node, { containers: [a, b, c].filter((one) => one !== undefined) })
    assert.deepEqual(updates(node), [
      'update b 0 CpuShares=51 CpuPeriod=100000 CpuQuota=5000',
      'update a 0 CpuShares=204 CpuPeriod=100000 CpuQuota=20000',
    ])
  })

  it('gives its sidecars and its running init container what they ask for, too', async (t) => {
    await using node = await aNode(t)
    const sidecar = { ...having(of('100m/64Mi'), 'sidecar'), restartPolicy: 'Always' }
    const containers = [having(of('100m/64Mi'))]
    await node.run({ name: 'web', spec: { initContainers: [sidecar, having(of('100m/64Mi'), 'init')], containers } })
    node.takeCalls()
    const larger = { ...sidecar, resources: of('150m/64Mi') }
    await resize(node, { initContainers: [larger, having(of('200m/64Mi'), 'init')], containers })
    assert.deepEqual(updates(node), [
      'update sidecar 0 CpuShares=153 CpuPeriod=100000 CpuQuota=15000',
      'update init 0 CpuShares=204 CpuPeriod=100000 CpuQuota=20000',
    ])
    await node.advance(1000)
    assert.equal(shown(node, 'web', 'init'), '200m/64Mi 200m/64Mi, 200m/64Mi')
  })

  it('gives a container that has no limit of its own the new one of the Pod as a whole', async (t) => {
    await using node = await aNode(t)
    const containers = [having({})]
    await node.run({ name: 'web', spec: { resources: of('100m/64Mi'), containers } })
    node.takeCalls()
    await resize(node, { resources: of('200m/128Mi'), containers })
    assert.deepEqual(updates(node), [
      `update main 0 Memory=${128 * mebibyte} MemorySwap=${128 * mebibyte}`,
      'update main 0 CpuShares=204 CpuPeriod=100000 CpuQuota=20000',
    ])
    assert.equal(shown(node), '-/- -/-, -/-')
    assert.deepEqual(node.status('web')?.resources, of('200m/128Mi'))
    assert.deepEqual(node.status('web')?.allocatedResources, of('200m/128Mi').requests)
  })

  it('gives what is started later what it asks for by then', async (t) => {
    await using node = await aNode(t, { programs: { main: { kind: 'exits', exitCode: 1 } } })
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    node.programs.delete('main')
    await resize(node, { containers: [having(of('200m/128Mi'))] })
    assert.deepEqual(resizing(node), [])
    await node.advance(20_000)
    assert.equal(node.container('main 2').resources.Memory, 128 * mebibyte)
    assert.equal(shown(node), '200m/128Mi 200m/128Mi, 200m/128Mi')
  })
})
