import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aContainer } from '../../builders/pod.ts'
import { endsTheSame } from './killed-at-any-moment.ts'

const image = { reference: 'busybox:1.36', pullPolicy: 'IfNotPresent' }
const volumeMounts = [{ name: 'data', mountPath: '/data' }]
const spec = {
  containers: [aContainer({ name: 'one', volumeMounts }), aContainer({ name: 'two', volumeMounts })],
  volumes: [{ name: 'data', image }],
}

describe('an agent that is killed at any moment, with an image as a volume', () => {
  it('has it mounted and held once, however far the agent before it has come', async (t) => {
    const { mounts, held, starts } = await endsTheSame(t, { pod: { name: 'web', spec }, steps: [] })
    assert.deepEqual({ mounts, held }, { mounts: ['/volumes/kubernetes.io~image/data'], held: 1 })
    assert.deepEqual(starts, { POD: 1, one: 1, two: 1 })
  })

  it('leaves nothing of it mounted, held or on the disk when its Pod is deleted', async (t) => {
    const { mounts, held, folders } = await endsTheSame(t, {
      pod: { name: 'web', spec },
      steps: [(node) => node.delete('web')],
    })
    assert.deepEqual({ mounts, held, folders }, { mounts: [], held: 0, folders: 0 })
  })
})
