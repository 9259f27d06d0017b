import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** A zombie can still be sent signals: the script goes on only when somebody has reaped it. */
const makesAnOrphan = `( sleep 1 & echo $! >/orphan ); while kill -0 $(cat /orphan); do sleep 0.1; done; echo reaped; ${untilTold}`

describe('A Pod that shares its process namespace', { concurrency: 2 }, () => {
  it('has its processes see each other, below the pause, which reaps those that nobody waits for', async () => {
    const containers = [staying('other'), shell('main', makesAnOrphan)]
    const pod = await node.createUntil(
      podManifest('shared', containers, { shareProcessNamespace: true }),
      'ready',
      isReady,
    )
    await node.untilPrinted(pod, 'main', 'reaped')
    assert.equal(await node.exec(pod, 'main', 'cat', '/proc/1/comm'), 'pause')
    const processes = await node.exec(pod, 'main', 'ps', '-o', 'pid,stat,args')
    assert.equal(processes.split('\n').filter((line) => line.includes('sleep 86400')).length, 4, processes)
    assert.doesNotMatch(processes, / Z/u)
  })

  it('ends like any other', async () => {
    const manifest = podManifest('shared-and-deleted', [staying('one'), staying('two')], {
      shareProcessNamespace: true,
    })
    await node.createUntil(manifest, 'ready', isReady)
    await node.kubectl.run('delete', 'pod', 'shared-and-deleted', '--wait=false')
    const last = await node.untilGone('shared-and-deleted')
    assert.deepEqual(
      last.status?.containerStatuses?.map(({ state }) => state?.terminated?.exitCode),
      [0, 0],
    )
  })
})
