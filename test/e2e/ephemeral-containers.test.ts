import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerStatus, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'
import { Debugger } from './debugging.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const kubectlDebug = await opened.open(Debugger.start(node))

function debugStatus(pod: Pod): ContainerStatus | undefined {
  return pod.status?.ephemeralContainerStatuses?.find(({ name }) => name === 'debug')
}

const runs = (pod: Pod): boolean => debugStatus(pod)?.state?.running !== undefined

/** Which namespace of that kind a container's processes are in. */
function namespace(containerID: string | undefined, kind: 'net' | 'pid'): Promise<string> {
  return docker('exec', containerID?.replace('docker://', '') ?? '', 'readlink', `/proc/self/ns/${kind}`)
}

describe('An ephemeral container', { concurrency: 8 }, () => {
  it('runs in a Pod that is there, in its network, with processes of its own, and ends with it', async () => {
    await node.createUntil(podManifest('debugged', [staying('main'), staying('other')]), 'ready', isReady)
    await kubectlDebug.add('debugged', shell('debug', untilTold, { stdin: true, tty: true }))
    const plain = await node.until('debugged', 'debugged', runs)
    const main = plain.status?.containerStatuses?.find(({ name }) => name === 'main')?.containerID
    const debug = debugStatus(plain)?.containerID
    assert.equal(await namespace(debug, 'net'), await namespace(main, 'net'))
    assert.notEqual(await namespace(debug, 'pid'), await namespace(main, 'pid'))
    const { ready, restartCount } = debugStatus(plain) ?? {}
    assert.deepEqual({ ready, restartCount }, { ready: false, restartCount: 0 })
    const paths = node.events.items.map(({ object }) => object.involvedObject.fieldPath)
    assert.ok(paths.includes('spec.ephemeralContainers{debug}'), paths.join())
    await node.kubectl.run('delete', 'pod', 'debugged', '--wait=false')
    const last = await node.untilGone('debugged')
    assert.equal(debugStatus(last)?.state?.terminated?.exitCode, 0)
  })

  it('sees the processes of the container that it names', async () => {
    await node.createUntil(podManifest('looked-at', [staying('main'), staying('other')]), 'ready', isReady)
    await kubectlDebug.add('looked-at', { ...shell('debug', untilTold), targetContainerName: 'main' })
    const pod = await node.until('looked-at', 'debugged', runs)
    const main = pod.status?.containerStatuses?.find(({ name }) => name === 'main')?.containerID
    assert.equal(await namespace(debugStatus(pod)?.containerID, 'pid'), await namespace(main, 'pid'))
  })

  it('is left as it ended', async () => {
    await node.createUntil(podManifest('once', [staying('main')]), 'ready', isReady)
    await kubectlDebug.add('once', shell('debug', 'exit 3'))
    const ended = await node.until('once', 'over', (pod) => debugStatus(pod)?.state?.terminated?.exitCode === 3)
    assert.equal(isReady(ended), true)
  })

  it('waits for a container to look at that is not there yet', async () => {
    const init = shell('init', 'until test -e /go; do sleep 0.1; done')
    await node.createUntil(
      podManifest('not-yet', [staying('main')], { initContainers: [init] }),
      'initialising',
      (pod) => Boolean(pod.status?.initContainerStatuses?.[0]?.state?.running),
    )
    await kubectlDebug.add('not-yet', { ...shell('debug', untilTold), targetContainerName: 'main' })
    const waiting = await node.until(
      'not-yet',
      'waiting',
      (pod) => debugStatus(pod)?.state?.waiting?.message !== undefined,
    )
    assert.deepEqual(debugStatus(waiting)?.state?.waiting, {
      reason: 'CreateContainerConfigError',
      message: 'unable to find target container main',
    })
    const event = await node.untilEvent('not-yet', 'Failed', 'unable to find target container main')
    assert.equal(event.involvedObject.fieldPath, 'spec.ephemeralContainers{debug}')
    await docker(
      'exec',
      waiting.status?.initContainerStatuses?.[0]?.containerID?.replace('docker://', '') ?? '',
      'touch',
      '/go',
    )
    await node.until('not-yet', 'debugged', runs)
  })

  it('does not keep its Pod from finishing', async () => {
    const main = shell('main', 'until test -e /go; do sleep 0.1; done')
    await node.createUntil(podManifest('finishes', [main], { restartPolicy: 'Never' }), 'ready', isReady)
    await kubectlDebug.add('finishes', shell('debug', untilTold))
    const pod = await node.until('finishes', 'debugged', runs)
    await node.exec(pod, 'main', 'touch', '/go')
    await node.until('finishes', 'over', hasPhase('Succeeded'))
    const over = await node.until('finishes', 'all over', (seen) => debugStatus(seen)?.state?.terminated !== undefined)
    assert.equal(over.status?.phase, 'Succeeded')
  })
})
