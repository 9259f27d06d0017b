import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseProtocol } from '../../../../src/streaming/websocket/choose-protocol.ts'

describe("The protocol of a command's WebSocket", () => {
  it("is the first of the client's that there is", () => {
    assert.equal(
      chooseProtocol('v9.channel.k8s.io, base64.channel.k8s.io, v4.channel.k8s.io').name,
      'base64.channel.k8s.io',
    )
    assert.equal(chooseProtocol('v4.base64.channel.k8s.io').name, 'v4.base64.channel.k8s.io')
  })

  it('is the first of all protocols where the client names none', () => {
    for (const header of [undefined, '', ' ']) {
      assert.deepEqual(chooseProtocol(header), { name: '', format: { base64: false, closes: false }, status: 'text' })
    }
  })

  it('is the fifth wherever that is offered', () => {
    assert.equal(chooseProtocol('v4.channel.k8s.io, v5.channel.k8s.io').name, 'v5.channel.k8s.io')
  })

  it('is refused with 403 where there is none in common', () => {
    assert.throws(() => chooseProtocol('v3.channel.k8s.io,chat'), {
      code: 'forbidden',
      status: 403,
      message:
        /^requested protocol\(s\) are not supported: \[v3\.channel\.k8s\.io chat\]; supports \[channel\.k8s\.io /u,
    })
  })
})
