import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../support/node-in-memory.ts'
import { Loopback } from '../../support/loopback.ts'
import { specOf } from './probed.ts'

describe('probes over HTTP and TCP', () => {
  it('cost no call to Docker, whatever they find', async (t) => {
    let status = 200
    await using server = await Loopback.http((_, response) => response.writeHead(status).end())
    await using node = await aNode(t, { clock: 'real' })
    const times = { periodSeconds: 1, failureThreshold: 1 }
    const { port } = server
    const spec = specOf({
      readinessProbe: { httpGet: { host: '127.0.0.1', port, path: '/' }, ...times },
      livenessProbe: { tcpSocket: { host: '127.0.0.1', port }, ...times },
    })
    const isReady = (): boolean => node.status('web')?.containerStatuses?.[0]?.ready === true
    await node.run({ name: 'web', spec })
    await node.server.until(isReady)
    node.takeCalls()
    status = 500
    await node.server.until(() => !isReady())
    status = 200
    await node.server.until(isReady)
    assert.deepEqual(node.takeCalls(), [])
  })
})
