import assert from 'node:assert/strict'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, shell, statusOf } from '../support/test-pod.ts'

const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

/** The lines that the containers of a Pod have written into the file that they share. */
async function told(name: string): Promise<readonly string[]> {
  return (await readFile(join(node.folder, name, 'told'), 'utf8')).trimEnd().split('\n')
}

/** Tells of `signal` by its name, and ends `seconds` later. */
function telling(name: string, change: Partial<ContainerSpec> = {}, signal = 'TERM', seconds = 1): ContainerSpec {
  const script = `trap 'echo ${name} ${signal} >>/shared/told; sleep ${seconds}; echo ${name} ends >>/shared/told; exit 0' ${signal}; while :; do sleep 0.1; done`
  return shell(name, script, { volumeMounts: [{ name: 'shared', mountPath: '/shared' }], ...change })
}

/** Runs a static Pod until it is ready. */
async function run(
  name: string,
  containers: readonly ContainerSpec[],
  initContainers: readonly ContainerSpec[] = [],
  graceSeconds = 30,
): Promise<Pod | undefined> {
  await mkdir(join(node.folder, name))
  const volumes = [{ name: 'shared', hostPath: { path: join(node.folder, name) } }]
  const change = { volumes, initContainers, terminationGracePeriodSeconds: graceSeconds }
  await node.write(`${name}.json`, podManifest(name, containers, change))
  return node.until(name, 'ready', (pod) => pod !== undefined && isReady(pod))
}

/** Takes a static Pod away, and waits until it is gone. */
async function end(name: string): Promise<void> {
  await node.remove(`${name}.json`)
  await node.agent.logged('pod-removed', `${name}-${node.name}`)
}

/** What a 1.20 API server drops comes by a manifest. */
describe('A static Pod that ends', { concurrency: 8 }, () => {
  it('stops its sidecars after its containers, the last first, and runs their hooks at once', async () => {
    const sidecar = (name: string): ContainerSpec => {
      const command = ['sh', '-c', `echo ${name} hook >>/shared/told`]
      return telling(name, { restartPolicy: 'Always', lifecycle: { preStop: { exec: { command } } } })
    }
    await run('sidecars', [telling('main')], [sidecar('first'), sidecar('second')])
    await end('sidecars')
    const lines = await told('sidecars')
    assert.deepEqual(lines.slice(0, 3).toSorted(), ['first hook', 'main TERM', 'second hook'])
    assert.deepEqual(lines.slice(3), ['main ends', 'second TERM', 'second ends', 'first TERM', 'first ends'])
  })

  it('stops sidecars together when the grace is used up, and leaves each two seconds', async () => {
    const sidecar = (name: string): ContainerSpec => telling(name, { restartPolicy: 'Always' })
    await run('late', [telling('main', {}, 'TERM', 600)], [sidecar('first'), sidecar('second')], 2)
    await end('late')
    const lines = await told('late')
    assert.deepEqual(lines.slice(0, 1), ['main TERM'])
    assert.deepEqual(lines.slice(1, 3).toSorted(), ['first TERM', 'second TERM'])
    assert.deepEqual(lines.slice(3).toSorted(), ['first ends', 'second ends'])
  })

  it('sends the stop signal of the spec, and shows it', async () => {
    const pod = await run('signal', [telling('main', { lifecycle: { stopSignal: 'SIGUSR1' } }, 'USR1')])
    assert.equal(pod && statusOf(pod, 'main').stopSignal, 'SIGUSR1')
    await end('signal')
    assert.deepEqual(await told('signal'), ['main USR1', 'main ends'])
  })

  it('sleeps before its containers stop where a hook says so', async () => {
    const preStop = { sleep: { seconds: 2 } }
    await run('sleeps', [telling('main', { lifecycle: { preStop } })])
    const removedAtMs = Date.now()
    await end('sleeps')
    assert.ok(Date.now() - removedAtMs >= 3000)
    assert.deepEqual(await told('sleeps'), ['main TERM', 'main ends'])
  })
})
