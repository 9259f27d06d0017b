import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../src/model/kube.ts'
import { openReadOnly } from '../../../src/server/read-only.ts'

const pod: Pod = {
  metadata: { name: 'a', namespace: 'default', uid: 'u' },
  spec: { containers: [{ name: 'main', image: 'busybox' }] },
}

describe('openReadOnly', () => {
  it('shows the Pods of the moment as a PodList', async () => {
    const pods: Pod[] = []
    await using port = await openReadOnly({ address: '127.0.0.1', port: 0, pods: { all: () => pods } })
    const list = async (path: string): Promise<unknown> => (await fetch(`http://127.0.0.1:${port.port}${path}`)).json()
    const empty = { kind: 'PodList', apiVersion: 'v1', metadata: {}, items: [] }
    assert.deepEqual(await list('/pods'), empty)
    pods.push(pod)
    assert.deepEqual(await list('/pods/?pretty=true'), { ...empty, items: [pod] })
  })

  it('says that it is well', async () => {
    await using port = await openReadOnly({ address: '127.0.0.1', port: 0, pods: { all: () => [] } })
    assert.equal(await (await fetch(`http://127.0.0.1:${port.port}/healthz`)).text(), 'ok')
  })
})
