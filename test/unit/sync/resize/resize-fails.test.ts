import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'
import { having, of, resize, resizing, shown, updates } from './resizable.ts'

const mebibyte = 1024 ** 2

describe('a Pod that asks for less memory than it uses', () => {
  it('keeps all that it has, and its status and one event say why', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    node.container('main 0').memoryBytes = 40 * mebibyte
    node.takeCalls()
    node.takeEvents()
    await resize(node, { containers: [having(of('50m/32Mi'))] })
    await node.advance(35_000)
    const text = `cannot decrease memory limits: attempting to set container "main" memory limit (${32 * mebibyte}) below current usage (${40 * mebibyte})`
    assert.deepEqual(resizing(node), [`PodResizeInProgress Error 2 ${text}`])
    assert.deepEqual(updates(node), [])
    assert.equal(shown(node), '100m/64Mi 100m/64Mi, 50m/32Mi')
    const [started, failed, ...more] = told(node.takeEvents())
    assert.match(started ?? '', /^Normal ResizeStarted /u)
    assert.match(
      failed ?? '',
      /^Warning ResizeError Pod resize error: \{.*"generation":2,"error":"cannot decrease .*\}$/u,
    )
    assert.deepEqual(more, [])
  })

  it('is tried again every ten seconds, and gets it when it uses less', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    node.container('main 0').memoryBytes = 40 * mebibyte
    await resize(node, { containers: [having(of('100m/32Mi'))] })
    node.container('main 0').memoryBytes = 20 * mebibyte
    await node.advance(9000)
    assert.equal(shown(node), '100m/64Mi 100m/64Mi, 100m/32Mi')
    await node.advance(2000)
    assert.equal(shown(node), '100m/32Mi 100m/32Mi, 100m/32Mi')
    assert.deepEqual(resizing(node), [])
  })

  it('gets at once what it asks for instead', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    node.container('main 0').memoryBytes = 40 * mebibyte
    await resize(node, { containers: [having(of('100m/32Mi'))] })
    await resize(node, { containers: [having(of('100m/48Mi'))] }, { generation: 3 })
    assert.equal(shown(node), '100m/48Mi 100m/48Mi, 100m/48Mi')
    assert.deepEqual(resizing(node), [])
  })

  it('says so of each of its containers, and of those whose usage nobody knows', async (t) => {
    await using node = await aNode(t)
    const names = ['a', 'b']
    await node.run({ name: 'web', spec: { containers: names.map((name) => having(of('100m/64Mi'), name)) } })
    for (const name of names) node.container(`${name} 0`).memoryBytes = 40 * mebibyte
    await resize(node, { containers: names.map((name) => having(of('100m/32Mi'), name)) })
    assert.match(resizing(node)[0] ?? '', /limits: \[attempting .*"a" .*, attempting .*"b" .*\]$/u)
    node.engine.failNext('memoryUsage', new KubeletError('internal', 'no such file', { status: 500 }))
    await node.advance(11_000)
    assert.match(resizing(node)[0] ?? '', /unable to read memory usage for pod "web_default\(.*\)"$/u)
  })
})

describe('a resize that Docker does not do', () => {
  it('is told in Docker’s words, and what was done before it stays', async (t) => {
    await using node = await aNode(t)
    const containers = ['a', 'b'].map((name) => having(of('100m/64Mi'), name))
    await node.run({ name: 'web', spec: { containers } })
    node.engine.failNext('update', new KubeletError('invalid', 'device or resource busy', { status: 500 }))
    await resize(node, { containers: ['a', 'b'].map((name) => having(of('200m/64Mi'), name)) })
    const text = 'Error response from daemon: device or resource busy'
    assert.deepEqual(resizing(node), [`PodResizeInProgress Error 2 ${text}`])
    node.takeCalls()
    await node.advance(11_000)
    assert.deepEqual(
      updates(node).map((call) => call.split(' ')[1]),
      ['a', 'b'],
    )
    assert.deepEqual(resizing(node), [])
  })

  it('keeps nothing from being started', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'), 'a'), having(of('100m/64Mi'), 'b')] } })
    node.container('a 0').memoryBytes = 40 * mebibyte
    await resize(node, { containers: [having(of('100m/32Mi'), 'a'), having(of('100m/64Mi'), 'b')] })
    await node.exit('b 0', 1)
    await node.advance(1000)
    assert.deepEqual(node.containers.slice(1).toSorted(), ['a 0 running', 'b 0 exited', 'b 1 running'])
  })
})

describe('a container that goes while its Pod is resized', () => {
  it('is no fault of the resize: its successor is made with what was asked for', async (t) => {
    await using node: NodeInMemory = await aNode(t, {
      onCall: (moment, { method, subject }) => {
        if (moment === 'before' && method === 'update') node.docker.remove(subject.split(' ')[0] ?? '')
      },
    })
    await node.run({ name: 'web', spec: { containers: [having(of('100m/64Mi'))] } })
    await resize(node, { containers: [having(of('200m/64Mi'))] })
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 1 running'])
    assert.equal(shown(node), '200m/64Mi 200m/64Mi, 200m/64Mi')
    assert.deepEqual(
      told(node.takeEvents()).filter((text) => text.includes('ResizeError')),
      [],
    )
  })
})

describe('a container whose resize policy wants a restart', () => {
  it('is ended and started anew with what it was given, and only for that resource', async (t) => {
    await using node = await aNode(t)
    const main = (text: string) => having(of(text), 'main', 'memory')
    await node.run({ name: 'web', spec: { containers: [main('100m/64Mi'), having(of('100m/64Mi'), 'side')] } })
    await resize(node, { containers: [main('200m/64Mi'), having(of('100m/64Mi'), 'side')] })
    assert.deepEqual(node.containers.slice(1).toSorted(), ['main 0 running', 'side 0 running'])
    node.takeEvents()
    await resize(node, { containers: [main('200m/128Mi'), having(of('200m/64Mi'), 'side')] }, { generation: 3 })
    await node.advance(1000)
    assert.deepEqual(node.containers.slice(1).toSorted(), ['main 0 exited', 'main 1 running', 'side 0 running'])
    assert.equal(shown(node), '200m/128Mi 200m/128Mi, 200m/128Mi')
    assert.equal(shown(node, 'web', 'side'), '200m/64Mi 200m/64Mi, 200m/64Mi')
    assert.equal(node.status('web')?.containerStatuses?.[0]?.restartCount, 1)
    assert.deepEqual(resizing(node), [])
    const events = told(node.takeEvents())
    assert.ok(events.includes('Normal Killing Container main resize requires restart'))
    assert.match(events.at(-1) ?? '', /^Normal ResizeCompleted /u)
  })

  it('is started anew for a request of memory alone, under any restart policy', async (t) => {
    await using node = await aNode(t)
    const main = (text: string) => having(of(text, '/128Mi'), 'main', 'memory')
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', containers: [main('100m/64Mi')] } })
    await resize(node, { containers: [main('100m/96Mi')] })
    await node.advance(1000)
    assert.deepEqual(node.containers.slice(1).toSorted(), ['main 0 exited', 'main 1 running'])
    await node.restart()
    await node.advance(1000)
    assert.deepEqual(node.containers.slice(1).toSorted(), ['main 0 exited', 'main 1 running'])
  })

  it('is not ended again when a new agent comes that knows what it was given', async (t) => {
    await using node = await aNode(t)
    const main = (text: string) => having(of(text), 'main', 'memory')
    await node.run({ name: 'web', spec: { containers: [main('100m/64Mi')] } })
    await resize(node, { containers: [main('200m/64Mi')] })
    await node.restart()
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
    assert.deepEqual(resizing(node), [])
  })
})
