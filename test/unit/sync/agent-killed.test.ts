import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { endsTheSame } from './killed-at-any-moment.ts'

const never = { restartPolicy: 'Never' } as const

describe('an agent that is killed at any moment and started again', () => {
  it('brings a Pod up, each container once', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, containers: containersNamed('one', 'two') } },
      steps: [],
    })
    assert.deepEqual(containers, ['one 0 running', 'sandbox 0 running', 'two 0 running'])
    assert.deepEqual(starts, { POD: 1, one: 1, two: 1 })
  })

  it('runs a container of a Never Pod once, however short its life', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      node: { programs: { main: { kind: 'exits', exitCode: 0 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 exited', 'sandbox 0 exited'])
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('runs an init container once, and what comes after it once', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: {
        name: 'web',
        spec: { ...never, initContainers: containersNamed('setup'), containers: containersNamed('main') },
      },
      node: { programs: { setup: { kind: 'exits', exitCode: 0 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 running', 'sandbox 0 running', 'setup 0 exited'])
    assert.deepEqual(starts, { POD: 1, setup: 1, main: 1 })
  })

  it('runs an init container that fails once under Never, and nothing after it', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, initContainers: containersNamed('setup') } },
      node: { programs: { setup: { kind: 'exits', exitCode: 1 } } },
      steps: [],
    })
    assert.deepEqual(containers, ['sandbox 0 exited', 'setup 0 exited'])
    assert.deepEqual(starts, { POD: 1, setup: 1 })
  })

  it('restarts a container that has ended once, with the next number', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      steps: [(node) => node.exit('main 0', 1)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.deepEqual(starts, { POD: 1, main: 2 })
  })

  it('ends a Pod that is deleted, and leaves nothing', async (t) => {
    const { containers, folders, status } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers: containersNamed('one', 'two') } },
      steps: [(node) => node.delete('web')],
    })
    assert.deepEqual({ containers, folders, status }, { containers: [], folders: 0, status: 'the object is gone' })
  })

  it('ends a Pod that has hooks, the start of one container behind the hook of another', async (t) => {
    const lifecycle = { postStart: { exec: { command: ['hello'] } }, preStop: { exec: { command: ['goodbye'] } } }
    const containers = [aContainer({ name: 'one', lifecycle }), aContainer({ name: 'two', lifecycle })]
    const {
      containers: left,
      folders,
      status,
      starts,
    } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers } },
      steps: [(node) => node.delete('web')],
    })
    assert.deepEqual({ left, folders, status }, { left: [], folders: 0, status: 'the object is gone' })
    assert.deepEqual(starts, { POD: 1, one: 1, two: 1 })
  })

  it('removes a Pod that has run to its end', async (t) => {
    const { containers, folders, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      steps: [(node) => node.exit('main 0', 0), (node) => node.delete('web')],
    })
    assert.deepEqual({ containers, folders }, { containers: [], folders: 0 })
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('replaces a sandbox that has died, and starts the containers in the new one', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      steps: [(node) => node.exit('sandbox 0', 137)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 0 exited', 'sandbox 1 running'])
    assert.deepEqual(starts, { POD: 2, main: 2 })
  })

  it('runs nothing of a Never Pod again whose sandbox has died', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web', spec: never },
      steps: [(node) => node.exit('sandbox 0', 137)],
    })
    assert.deepEqual(containers, ['main 0 exited', 'sandbox 0 exited'])
    assert.deepEqual(starts, { POD: 1, main: 1 })
  })

  it('ends a Pod whose object went while it was away', async (t) => {
    const { containers, folders } = await endsTheSame(t, {
      pod: { name: 'web', spec: { containers: containersNamed('one', 'two') } },
      steps: [
        (node) => {
          node.kill()
          node.server.deletePodGracefully('default', 'web', 0)
        },
      ],
    })
    assert.deepEqual({ containers, folders }, { containers: [], folders: 0 })
  })

  it('pulls an image, and again if it was killed over it', async (t) => {
    const { containers } = await endsTheSame(t, {
      pod: { name: 'web', spec: { ...never, containers: [aContainer({ image: 'far:1' })] } },
      before: (node) => node.docker.publish('far:1'),
      steps: [],
    })
    assert.deepEqual(containers, ['main 0 running', 'sandbox 0 running'])
  })

  it('replaces a container whose image has changed', async (t) => {
    const { containers, starts } = await endsTheSame(t, {
      pod: { name: 'web' },
      node: { images: ['busybox:1.36', 'busybox:1.37'] },
      steps: [
        (node) =>
          node.server.updatePod('default', 'web', { spec: { containers: [aContainer({ image: 'busybox:1.37' })] } }),
      ],
    })
    assert.deepEqual(containers, ['main 0 exited', 'main 1 running', 'sandbox 0 running'])
    assert.deepEqual(starts, { POD: 1, main: 2 })
  })

  it('mounts what a Pod asks for once, and nothing is left of it when it is deleted, or over', async (t) => {
    const volumes = ['a', 'b'].map((name) => ({ name, emptyDir: { medium: 'Memory' } }))
    const volumeMounts = [
      { name: 'a', mountPath: '/a' },
      { name: 'b', mountPath: '/b', subPath: 'part' },
    ]
    const pod = { name: 'web', spec: { ...never, volumes, containers: [aContainer({ volumeMounts })] } }
    const up = await endsTheSame(t, { pod, steps: [] })
    assert.deepEqual(up.mounts, [
      '/volume-subpaths/b/main/1',
      '/volumes/kubernetes.io~empty-dir/a',
      '/volumes/kubernetes.io~empty-dir/b',
    ])
    const over = await endsTheSame(t, { pod, steps: [(node) => node.exit('main 0', 0)] })
    assert.deepEqual([over.mounts, over.folders], [[], 1])
    const deleted = await endsTheSame(t, { pod, steps: [(node) => node.delete('web')] })
    assert.deepEqual([deleted.mounts, deleted.folders, deleted.status], [[], 0, 'the object is gone'])
  })
})
