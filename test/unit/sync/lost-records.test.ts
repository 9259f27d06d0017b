import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { containersNamed } from '../../builders/pod.ts'
import { aNode } from '../../support/node-in-memory.ts'

describe('a container of which somebody has removed the newest record', () => {
  it('is followed by one that counts on, whatever older records are left', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    await node.exit('main 0', 0)
    node.docker.remove(node.container('main 1').id)
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 exited', 'main 2 running'])
    const { restartCount, lastState } = node.status('web')?.containerStatuses?.[0] ?? {}
    assert.deepEqual([restartCount, lastState?.terminated?.reason], [2, 'ContainerStatusUnknown'])
  })

  it('is not run again where it had ended for good, by what its older record says', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'OnFailure', containers: containersNamed('main', 'other') } })
    await node.exit('main 0', 1)
    await node.exit('main 1', 0)
    node.docker.remove(node.container('main 1').id)
    await node.advance(60_000)
    // The two were made side by side, in either order.
    assert.deepEqual(node.containers.toSorted(), ['main 0 exited', 'other 0 running', 'sandbox 0 running'])
  })
})

describe('an init container of which somebody has removed the record', () => {
  it('runs again in a new sandbox', async (t) => {
    await using node = await aNode(t, { programs: { setup: { kind: 'exits', exitCode: 0 } } })
    await node.run({ name: 'web', spec: { initContainers: containersNamed('setup') } })
    await node.advance(5000)
    node.docker.remove(node.container('setup 0').id)
    await node.exit('sandbox 0', 137)
    assert.deepEqual(node.containers, [
      'sandbox 0 exited',
      'main 0 exited',
      'sandbox 1 running',
      'setup 1 exited',
      'main 1 running',
    ])
  })
})

describe('an init container of a Never Pod of which somebody has removed the record while it ran', () => {
  it('has failed, and the Pod with it', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { restartPolicy: 'Never', initContainers: containersNamed('setup') } })
    node.docker.remove(node.container('setup 0').id)
    await node.settled()
    assert.deepEqual([node.status('web')?.phase, node.containers], ['Failed', ['sandbox 0 exited']])
  })
})

describe('a container that was created without an answer', () => {
  it('does not outlive its Pod', async (t) => {
    let isLost = false
    await using node = await aNode(t, {
      onCall: (moment, { method }) => {
        if (!isLost || moment !== 'after' || method !== 'create') return
        isLost = false
        throw new KubeletError('unavailable', 'The answer was lost')
      },
    })
    await node.run({ name: 'web' })
    isLost = true
    await node.exit('main 0', 0)
    await node.delete('web')
    assert.deepEqual([node.containers, node.server.pods], [[], []])
  })
})
