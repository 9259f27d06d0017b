import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { probeUrl } from '../../../../src/probe/http/probe-url.ts'

/** `text` behind `http://10.0.0.5:80`, and what is sent where that is something else. */
const paths: readonly (readonly [path: string, text: string, sent?: string])[] = [
  ['', '', '/'],
  ['/', '/'],
  ['/healthz', '/healthz'],
  ['healthz', '/healthz'],
  ['/a/b;c=1', '/a/b;c=1'],
  ['/healthz?full=1&x=%2F', '/healthz?full=1&x=%2F'],
  ['?x=1', '?x=1', '/?x=1'],
  ['/healthz#part', '/healthz#part', '/healthz'],
  ['/redirect?loc=http%3A%2F%2F0.0.0.0%2F', '/redirect?loc=http%3A%2F%2F0.0.0.0%2F'],
  ['/with blank', '/with%20blank'],
  ['/blank?in query', '/blank?in query', '/blank?in%20query'],
  ['/%20escaped', '/%20escaped'],
  ['/ünder', '/%C3%BCnder'],
  // Not URLs: every letter is meant.
  ['/%zz?x=1', '/%25zz%3Fx=1'],
  ['a:b', '/a:b'],
  // A scheme and a host count for nothing.
  ['http://example.com/x?y', '/x?y'],
  ['//example.com/x', '/x'],
]

describe('probeUrl', () => {
  for (const [path, text, sent = text] of paths) {
    it(`makes of the path "${path}" ${text === '' ? 'nothing' : text}`, () => {
      const url = probeUrl('http', '10.0.0.5', 80, path)
      assert.equal(url.text, `http://10.0.0.5:80${text}`)
      assert.equal(url.pathAndQuery, sent)
    })
  }

  it('puts an IPv6 address in brackets', () => {
    const url = probeUrl('https', 'fd00::1', 8443, '/')
    assert.deepEqual(url, {
      scheme: 'https',
      host: 'fd00::1',
      port: 8443,
      pathAndQuery: '/',
      text: 'https://[fd00::1]:8443/',
    })
  })
})
