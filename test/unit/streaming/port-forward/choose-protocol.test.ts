import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { choosePortProtocol, wantsTunnel } from '../../../../src/streaming/port-forward/choose-protocol.ts'

const tunnel = { kind: 'tunnel', name: 'SPDY/3.1+portforward.k8s.io' }
const channels = (name: string, base64 = false) => ({ kind: 'channels', name, base64 })

describe('The protocol of a WebSocket for ports', () => {
  for (const [header, protocol] of [
    [undefined, channels('')],
    ['', channels('')],
    ['v4.channel.k8s.io', channels('v4.channel.k8s.io')],
    ['v4.base64.channel.k8s.io', channels('v4.base64.channel.k8s.io', true)],
    ['v9.channel.k8s.io, v4.base64.channel.k8s.io, v4.channel.k8s.io', channels('v4.base64.channel.k8s.io', true)],
    ['SPDY/3.1+portforward.k8s.io', tunnel],
    ['v4.channel.k8s.io, SPDY/3.1+portforward.k8s.io', tunnel],
    ['SPDY/3.1+other.k8s.io,SPDY/3.1+portforward.k8s.io', tunnel],
  ] as const) {
    it(`is ${JSON.stringify(protocol)} for ${header}`, () => {
      assert.deepEqual(choosePortProtocol(header), protocol)
      assert.equal(wantsTunnel(header), protocol.kind === 'tunnel')
    })
  }

  for (const [header, message] of [
    ['v5.channel.k8s.io', /^requested protocol\(s\) are not supported: \[v5\.channel\.k8s\.io\]; supports/u],
    ['channel.k8s.io', /not supported/u],
    ['SPDY/3.1+other.k8s.io', /client supports \[other\.k8s\.io\], server accepts \[portforward\.k8s\.io\]$/u],
  ] as const) {
    it(`is refused for ${header}`, () => {
      assert.throws(
        () => choosePortProtocol(header),
        (error) => KubeletError.is(error, 'forbidden') && error.status === 403 && message.test(error.message),
      )
    })
  }
})
