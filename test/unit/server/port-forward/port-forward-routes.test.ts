import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { anObservedSandbox, exited } from '../../../builders/observed.ts'
import { aPodUid } from '../../../builders/pod.ts'
import { PortForwardNode } from '../../../support/port-forward-node.ts'

const webSocket = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'MDEyMzQ1Njc4OWFiY2RlZg==',
}
const spdy = { connection: 'Upgrade', upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' }

describe('A request to forward ports', () => {
  for (const [what, path, headers, status, body] of [
    ['for a Pod that is not here', '/portForward/default/nobody', spdy, 404, 'pod does not exist'],
    ['for another Pod of that name', '/portForward/default/web/other-uid', spdy, 404, 'pod not found'],
    ['that asks for no protocol', '/portForward/default/web', {}, 500, 'Upgrade request required\n'],
    [
      'for channels that names no port',
      `/portForward/default/web/${aPodUid}`,
      webSocket,
      400,
      'query parameter "port" is required',
    ],
    ['for channels of no port, before its Pod', '/portForward/a/b?port=0', webSocket, 400, 'port "0" must be > 0'],
    [
      'for a protocol over SPDY that there is not',
      '/portForward/default/web',
      { ...spdy, 'x-stream-protocol-version': 'v2.portforward.k8s.io' },
      403,
      'unable to upgrade: unable to negotiate protocol: client supports [v2.portforward.k8s.io], server accepts [portforward.k8s.io]\n',
    ],
    [
      'for a tunnel that there is not',
      '/portForward/default/web',
      { ...webSocket, 'sec-websocket-protocol': 'SPDY/3.1+other.k8s.io' },
      403,
      'unable to upgrade: unable to negotiate protocol: client supports [other.k8s.io], server accepts [portforward.k8s.io]',
    ],
  ] as const) {
    it(`is refused with ${status} ${what}`, async () => {
      await using node = await PortForwardNode.open()
      assert.deepEqual(await node.ask(path, headers), [status, body])
    })
  }

  it('is refused with 500 for a Pod of which nothing was made yet', async () => {
    await using node = await PortForwardNode.open({ sandboxes: () => [] })
    assert.deepEqual(await node.ask('/portForward/default/web', spdy), [500, 'pod not found ("web_default")'])
  })

  it('is refused with 500 for a Pod whose sandbox has ended', async () => {
    await using node = await PortForwardNode.open({
      sandboxes: (id) => [
        anObservedSandbox({ id, state: exited() }),
        anObservedSandbox({ attempt: 0, state: exited() }),
      ],
    })
    const answer = [500, `container not running (${node.sandbox})`]
    assert.deepEqual(await node.ask('/portForward/default/web', spdy), answer)
  })
})
