import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const volumeMounts = [{ name: 'shared', mountPath: '/shared' }]
const volumes = [{ name: 'shared', emptyDir: {} }]

describe('Init containers', { concurrency: 4 }, () => {
  it('run one after the other before the others, and hand over what they made', async () => {
    const initContainers = ['first', 'second'].map((name) =>
      shell(name, `echo ${name} >>/shared/order`, { volumeMounts }),
    )
    const main = shell('main', `cat /shared/order; ${untilTold}`, { volumeMounts })
    const pod = await node.createUntil(podManifest('in-order', [main], { initContainers, volumes }), 'ready', isReady)
    assert.equal(await node.untilPrinted(pod, 'main', 'second'), 'first\nsecond\n')
    assert.deepEqual(
      pod.status?.initContainerStatuses?.map(({ name, state, ready }) => [name, state?.terminated?.reason, ready]),
      [
        ['first', 'Completed', true],
        ['second', 'Completed', true],
      ],
    )
    const conditions = node
      .versions('in-order')
      .map((seen) => seen.status?.conditions?.find(({ type }) => type === 'Initialized')?.status)
    assert.equal(conditions.at(-1), 'True')
    const event = await node.untilEvent('in-order', 'Started')
    assert.equal(event.involvedObject.fieldPath, 'spec.initContainers{first}')
  })

  it('end their Pod when they fail under Never', async () => {
    const initContainers = [shell('setup', 'exit 4')]
    const manifest = podManifest('init-fails', [staying('main')], { initContainers, restartPolicy: 'Never' })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Failed'))
    assert.equal(pod.status?.initContainerStatuses?.[0]?.state?.terminated?.exitCode, 4)
    assert.equal(pod.status.containerStatuses?.[0]?.state?.waiting?.reason, 'PodInitializing')
    const names = (await node.containers(pod)).map(({ Name }) => Name.split('_')[1])
    assert.ok(!names.includes('main'), 'the regular container was never made')
  })

  it('are tried again after a while when they fail under Always', async () => {
    const initContainers = [shell('setup', 'exit 1')]
    const manifest = podManifest('init-loops', [staying('main')], { initContainers })
    const pod = await node.createUntil(
      manifest,
      'backing off',
      (seen) => seen.status?.initContainerStatuses?.[0]?.state?.waiting?.reason === 'CrashLoopBackOff',
    )
    assert.equal(pod.status?.phase, 'Pending')
  })
})

describe('A sidecar', () => {
  it('starts before the others, and ends when their work is done', async (t) => {
    const standalone = await StandaloneNode.start()
    t.after(() => standalone[Symbol.asyncDispose]())
    const manifest = podManifest(
      'with-sidecar',
      [shell('main', 'until [ -e /shared/up ]; do sleep 0.1; done', { volumeMounts })],
      {
        restartPolicy: 'Never',
        initContainers: [shell('proxy', `touch /shared/up; ${untilTold}`, { volumeMounts, restartPolicy: 'Always' })],
        volumes,
      },
    )
    const { automountServiceAccountToken: _, ...spec } = manifest.spec
    await standalone.write('with-sidecar.json', { ...manifest, spec })
    const isOver = hasPhase('Succeeded')
    const pod = await standalone.until('with-sidecar', 'over', (seen) => seen !== undefined && isOver(seen))
    assert.deepEqual(
      pod?.status?.containerStatuses?.map(({ name, state }) => [name, state?.terminated?.exitCode]),
      [['main', 0]],
    )
    await standalone.until(
      'with-sidecar',
      'without a sidecar that runs',
      (seen) => seen?.status?.initContainerStatuses?.[0]?.state?.terminated !== undefined,
    )
  })
})
