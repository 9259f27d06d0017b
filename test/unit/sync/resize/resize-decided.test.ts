import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { podUid } from '../../../../src/model/ids.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'
import { having, of, resize, resizing, shown } from './resizable.ts'

/** A node of 4 CPUs with two Pods: `web` has 1 of them, `other` 2. */
async function withTwoPods(t: TestContext): Promise<NodeInMemory> {
  const node = await aNode(t)
  await node.run({ name: 'web', spec: { containers: [having(of('1/'))] } })
  await node.run({ name: 'other', spec: { containers: [having(of('2/'))] } })
  node.takeEvents()
  return node
}

const noRoom = "Node didn't have enough resource: cpu, requested: 3000, used: 2000, capacity: 4000"

describe('a Pod that asks for more than the node has left', () => {
  it('waits with what it has, and its status and one event say why', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    await node.advance(400_000)
    assert.deepEqual(resizing(node), [`PodResizePending Deferred 2 ${noRoom}`])
    assert.equal(shown(node), '1/- 1/-, 1/-')
    const json = '{"containers":[{"name":"main","resources":{"limits":{"cpu":"3"},"requests":{"cpu":"3"}}}]'
    assert.deepEqual(told(node.takeEvents()), [
      `Warning ResizeDeferred Pod resize OutOfcpu: ${json},"generation":2,"error":"${noRoom}"}`,
    ])
  })

  it('gets it as soon as another Pod has gone', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    await node.delete('other', 1)
    await node.advance(2000)
    assert.deepEqual(resizing(node), [])
    assert.equal(shown(node), '3/- 3/-, 3/-')
  })

  it('gets it as soon as another Pod asks for less', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    await resize(node, { containers: [having(of('1/'))] }, { name: 'other' })
    assert.equal(shown(node), '3/- 3/-, 3/-')
    assert.equal(shown(node, 'other'), '1/- 1/-, 1/-')
  })

  it('gets it when the node has grown, within three minutes', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    node.registry.admission.setNode({
      metadata: { name: 'node-1' },
      status: { allocatable: { cpu: '8', pods: '110' } },
    })
    await node.advance(179_000)
    assert.equal(shown(node), '1/- 1/-, 1/-')
    await node.advance(2000)
    assert.equal(shown(node), '3/- 3/-, 3/-')
  })

  it('is done with when it asks for what it has, or for what there is', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    await resize(node, { containers: [having(of('1/'))] }, { generation: 3 })
    assert.deepEqual(resizing(node), [])
    await resize(node, { containers: [having(of('3/'))] }, { generation: 4 })
    await resize(node, { containers: [having(of('1500m/'))] }, { generation: 5 })
    assert.deepEqual(resizing(node), [])
    assert.equal(shown(node), '1500m/- 1500m/-, 1500m/-')
  })

  it('is told again what it asks for anew, with the new generation', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    const since = node.status('web')?.conditions?.[0]?.lastTransitionTime
    await node.advance(60_000)
    await resize(node, { containers: [having(of('3500m/'))] }, { generation: 3 })
    assert.deepEqual(resizing(node), [`PodResizePending Deferred 3 ${noRoom.replace('3000', '3500')}`])
    assert.equal(node.status('web')?.conditions?.[0]?.lastTransitionTime, since)
    assert.equal(told(node.takeEvents()).length, 2)
  })

  it('takes no room from others while it waits', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    await node.run({ name: 'third', spec: { containers: [having(of('1/'))] } })
    assert.equal(node.status('third')?.phase, 'Running')
  })

  it('may always have less, on a node that has too much already', async (t) => {
    await using node = await withTwoPods(t)
    node.registry.admission.setNode({ metadata: { name: 'node-1' }, status: { allocatable: { cpu: '1', pods: '1' } } })
    await resize(node, { containers: [having(of('500m/'))] })
    assert.equal(shown(node), '500m/- 500m/-, 500m/-')
  })

  it('makes others go where the node cannot do without it', async (t) => {
    await using node = await aNode(t)
    const spec = { priority: 2_000_000_000, priorityClassName: 'system-cluster-critical' }
    await node.run({ name: 'web', spec: { ...spec, containers: [having(of('1/'))] } })
    await node.run({ name: 'other', spec: { containers: [having(of('2/'))] } })
    await resize(node, { containers: [having(of('3/'))] })
    await node.advance(2000)
    assert.equal(node.status('other')?.reason, 'Preempting')
    assert.equal(shown(node), '3/- 3/-, 3/-')
  })
})

describe('several Pods that ask for more than the node has left', () => {
  it('get it one after the other where each makes room for the next', async (t) => {
    await using node = await aNode(t)
    for (const name of ['first', 'web', 'other', 'third']) {
      await node.run({ name, spec: { containers: [having({ requests: { cpu: '1', memory: '1600Mi' } })] } })
    }
    const wishes = { web: ['1300m', '300Mi'], other: ['150m', '5400Mi'], third: ['2500m', '1600Mi'] }
    for (const [name, [cpu = '', memory = '']] of Object.entries(wishes)) {
      await resize(node, { containers: [having({ requests: { cpu, memory } })] }, { name })
      assert.match(resizing(node, name)[0] ?? '', /^PodResizePending Deferred /u)
    }
    await node.delete('first', 1)
    await node.advance(2000)
    for (const [name, [cpu, memory]] of Object.entries(wishes)) {
      assert.deepEqual(
        [name, shown(node, name), resizing(node, name)],
        [name, `${cpu}/${memory} -/-, ${cpu}/${memory}`, []],
      )
    }
  })

  it('get it by their importance where there is not enough for all, whoever asked first', async (t) => {
    await using node = await aNode(t)
    const names = ['late', 'early', 'guaranteed', 'important']
    await node.run({ name: 'big', spec: { containers: [having({ requests: { cpu: '2500m' } })] } })
    const resourcesOf = (name: string, cpu: string) =>
      name === 'guaranteed' ? of(`${cpu}/100Mi`) : { requests: { cpu, memory: '100Mi' } }
    for (const name of names) {
      const priority = name === 'important' ? 1000 : 0
      await node.run({ name, spec: { priority, containers: [having(resourcesOf(name, '250m'))] } })
    }
    for (const name of ['early', 'late', 'guaranteed', 'important']) {
      await resize(node, { containers: [having(resourcesOf(name, '2500m'))] }, { name })
      await node.advance(1000)
    }
    const won: string[] = []
    for (let last = 'big'; won.length < names.length; last = won.at(-1) ?? '') {
      await node.delete(last, 1)
      await node.advance(2000)
      won.push(...names.filter((name) => !won.includes(name) && resizing(node, name).length === 0))
    }
    assert.deepEqual(won, ['important', 'guaranteed', 'early', 'late'])
  })
})

describe('a new agent', () => {
  it('goes on waiting for what its predecessor could not give, and tells it no second time', async (t) => {
    await using node = await withTwoPods(t)
    await resize(node, { containers: [having(of('3/'))] })
    const before = node.status('web')?.conditions
    await node.restart()
    await node.advance(1000)
    assert.deepEqual(
      node.status('web')?.conditions?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
      before?.map(({ type, lastTransitionTime }) => [type, lastTransitionTime]),
    )
    assert.equal(shown(node), '1/- 1/-, 1/-')
    assert.equal(told(node.takeEvents()).filter((text) => text.includes('ResizeDeferred')).length, 1)
    await node.delete('other', 1)
    await node.advance(2000)
    assert.equal(shown(node), '3/- 3/-, 3/-')
  })

  it('takes what was asked for while none was there for a wish, not for what the Pod has', async (t) => {
    await using node = await withTwoPods(t)
    node.kill()
    await resize(node, { containers: [having(of('3/'))] })
    await node.restart()
    await node.advance(1000)
    assert.deepEqual(resizing(node), [`PodResizePending Deferred 2 ${noRoom}`])
    assert.equal(shown(node), '1/- 1/-, 1/-')
  })

  it('knows nothing more of a Pod that was resized and went while none was there', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web', spec: { containers: [having(of('1/'))] } })
    await resize(node, { containers: [having(of('2/'))] })
    node.kill()
    node.server.deletePodNow(node.server.requirePod('default', 'web'))
    await node.restart()
    assert.deepEqual(node.containers, [])
    const { generation } = node.registry.resizes.standing(podUid(metadata.uid))
    assert.equal(generation, undefined)
  })

  for (const moment of ['before', 'after'] as const) {
    it(`finishes a resize that its predecessor was killed in, ${moment} Docker got it`, async (t) => {
      let mayKill = true
      await using node = await aNode(t, {
        onCall: (when, { method }) => {
          if (mayKill && when === moment && method === 'update') node.kill()
        },
      })
      await node.run({ name: 'web', spec: { containers: [having(of('1/64Mi'))] } })
      await resize(node, { containers: [having(of('2/128Mi'))] })
      assert.ok(node.isDead)
      mayKill = false
      await node.restart()
      await node.advance(1000)
      assert.equal(shown(node), '2/128Mi 2/128Mi, 2/128Mi')
      assert.deepEqual(resizing(node), [])
      const { Memory, CpuQuota } = node.container('main 0').resources
      assert.deepEqual([Memory, CpuQuota], [128 * 1024 ** 2, 200_000])
      assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    })
  }
})
