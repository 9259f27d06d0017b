import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { negotiate } from '../../../../src/streaming/spdy/negotiate.ts'
import { agreedProtocol } from '../../../../src/streaming/spdy/upgrade-to-spdy.ts'
import { spdyHeaders, SpdyUpgrade } from '../../../support/spdy-upgrade.ts'

const supported = ['v4.channel.k8s.io', 'v3.channel.k8s.io', 'channel.k8s.io']
const version = 'X-Stream-Protocol-Version'

function refused(message: string): object {
  return { kind: 'refused', status: 400, message: `unable to upgrade: ${message}`, accepted: [] }
}

describe('Of the protocols for SPDY', () => {
  for (const [what, values, protocol] of [
    ['the first of the client\u2019s that there is', ['v5.channel.k8s.io', 'v4.channel.k8s.io'], 'v4.channel.k8s.io'],
    ['the client\u2019s order counts', ['channel.k8s.io', 'v4.channel.k8s.io'], 'channel.k8s.io'],
    ['several in one header', ['v9.channel.k8s.io , v3.channel.k8s.io,'], 'v3.channel.k8s.io'],
  ] as const) {
    it(`${what} is taken`, () => {
      const rawHeaders = [...spdyHeaders, ...values.flatMap((value) => [version.toLowerCase(), value])]
      assert.deepEqual(negotiate(rawHeaders, supported), { kind: 'agreed', protocol })
    })
  }

  for (const [what, rawHeaders, message] of [
    [
      'names none',
      [...spdyHeaders, 'Host', 'node', 'connection', 'keep-alive'],
      'header X-Stream-Protocol-Version does not exist in request with 2 headers',
    ],
    [
      'names nothing',
      [...spdyHeaders, version, ' , '],
      'header X-Stream-Protocol-Version contains [ , ], but no valid protocols',
    ],
    [
      'asks for no upgrade',
      ['accept', '*/*', 'Accept', 'a"b', version, 'channel.k8s.io'],
      String.raw`missing upgrade headers in request: http.Header{"Accept":[]string{"*/*", "a\"b"}, "X-Stream-Protocol-Version":[]string{"channel.k8s.io"}}`,
    ],
    [
      'asks for another one',
      ['Connection', 'Upgrade', 'Upgrade', 'h2c', version, 'channel.k8s.io'],
      'missing upgrade headers in request: http.Header{"Connection":[]string{"Upgrade"}, "Upgrade":[]string{"h2c"}, "X-Stream-Protocol-Version":[]string{"channel.k8s.io"}}',
    ],
  ] as const) {
    it(`none is chosen for a request that ${what}`, () => {
      assert.deepEqual(negotiate(rawHeaders, supported), refused(message))
      const { upgrade } = new SpdyUpgrade(rawHeaders)
      const words = `unable to upgrade: ${message}\n`
      assert.throws(() => agreedProtocol(upgrade, supported), { status: 400, message: words })
    })
  }

  it('those that there are are named in the answer to a client that knows none of them', async () => {
    const asked = SpdyUpgrade.of('v6.channel.k8s.io', 'v7.channel.k8s.io')
    assert.throws(() => agreedProtocol(asked.upgrade, ['v4.channel.k8s.io', 'channel.k8s.io']), { code: 'forbidden' })
    const [status, ...headers] = await asked.answer()
    assert.equal(status, 'HTTP/1.1 403 Forbidden')
    assert.deepEqual(headers.slice(0, 2), [
      'X-Accepted-Stream-Protocol-Versions: v4.channel.k8s.io',
      'X-Accepted-Stream-Protocol-Versions: channel.k8s.io',
    ])
    assert.equal(
      String(asked.wire.read()),
      'unable to upgrade: unable to negotiate protocol: client supports [v6.channel.k8s.io v7.channel.k8s.io], server accepts [v4.channel.k8s.io channel.k8s.io]\n',
    )
  })
})
