import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { errorFromAnswer, errorFromNode, errorFromStatus } from '../../../../src/cluster/http/kube-errors.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const what = 'get Pod "default/web"'

/** What a caller can see of an error. */
function parts({ code, message, status, retryAfterSeconds }: KubeletError): readonly unknown[] {
  return [code, message, status, retryAfterSeconds]
}

function answer(status: number, body: unknown = '', headers = {}): KubeletError {
  return errorFromAnswer(what, { status, headers, body: typeof body === 'string' ? body : JSON.stringify(body) })
}

describe('an error of the API server', () => {
  it('has a code by its status', () => {
    const codes = [400, 401, 403, 404, 405, 409, 410, 415, 422, 429, 500, 502, 503, 504].map(
      (status) => answer(status, { kind: 'Status' }).code,
    )
    assert.deepEqual(codes, [
      'invalid',
      'unauthorized',
      'forbidden',
      'not-found',
      'invalid',
      'conflict',
      'gone',
      'invalid',
      'invalid',
      'throttled',
      'internal',
      'unavailable',
      'unavailable',
      'unavailable',
    ])
  })

  it('says what was tried, the reason and the status', () => {
    const status = { kind: 'Status', message: 'pods "web" not found', reason: 'NotFound', code: 404 }
    const message = 'Cannot get Pod "default/web": pods "web" not found (HTTP 404)'
    assert.deepEqual(parts(answer(404, status)), ['not-found', message, 404, undefined])
  })

  it('quotes the beginning of what a proxy in between says', () => {
    assert.equal(
      answer(502, `<html>${'x'.repeat(500)}`).message.length,
      'Cannot get Pod "default/web":  (HTTP 502)'.length + 200,
    )
  })

  it('does not say that something is gone when it is what stands before the server that finds nothing', () => {
    const { code, message } = answer(404, '<html>Not Found</html>')
    assert.deepEqual(
      [code, message],
      ['unavailable', `Cannot ${what}: <html>Not Found</html> (HTTP 404, and not from the API server)`],
    )
  })

  it('carries the patience that is asked for, of the header or of the body', () => {
    assert.deepEqual(parts(answer(429, 'slow', { 'retry-after': '7' })).slice(2), [429, 7])
    assert.deepEqual(parts(answer(429, { details: { retryAfterSeconds: 3 } })).slice(2), [429, 3])
    assert.deepEqual(parts(answer(429, 'slow', { 'retry-after': 'soon' })).slice(2), [429, undefined])
    assert.equal(answer(503, 'slow', { 'retry-after': '1' }).code, 'throttled')
  })

  it('is a conflict where a patch named the UID of another object, which old servers call invalid', () => {
    const details = { causes: [{ reason: 'FieldValueInvalid', field: 'metadata.uid' }] }
    assert.equal(answer(422, { message: 'field is immutable', details }).code, 'conflict')
  })

  it('comes in a watch as an object', () => {
    const expired = errorFromStatus('watch', { code: 410, message: 'too old' })
    assert.deepEqual(parts(expired), ['gone', 'Cannot watch: too old (HTTP 410)', 410, undefined])
    assert.deepEqual(parts(errorFromStatus('watch', null)), [
      'internal',
      'Cannot watch: no reason given (HTTP 500)',
      500,
      undefined,
    ])
  })
})

describe('an error on the way to the API server', () => {
  const server = 'https://10.0.0.1:6443'

  it('is that it is not reachable, and why', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 10.0.0.1:6443'), { code: 'ECONNREFUSED' })
    const message = `Cannot ${what}: no connection to ${server}: connect ECONNREFUSED 10.0.0.1:6443`
    assert.deepEqual(parts(errorFromNode(what, server, refused)), ['unavailable', message, undefined, undefined])
  })

  it('names the reason for each address of a name with several', () => {
    const both = new AggregateError([
      new Error('connect ECONNREFUSED ::1:6443'),
      new Error('connect ECONNREFUSED 127.0.0.1:6443'),
    ])
    const { message } = errorFromNode(what, server, Object.assign(both, { code: 'ECONNREFUSED' }))
    assert.match(message, /: connect ECONNREFUSED ::1:6443, connect ECONNREFUSED 127\.0\.0\.1:6443$/)
  })

  it('says where to look when the certificate does not fit', () => {
    const untrusted = Object.assign(new Error('self-signed certificate'), { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' })
    const { code, message } = errorFromNode(what, server, untrusted)
    assert.equal(code, 'unavailable')
    assert.match(message, /: self-signed certificate; check certificate-authority and server in the kubeconfig$/)
  })

  it('stays what it is when it is ours, and is internal when it is a mistake', () => {
    const ours = new KubeletError('configuration', 'No')
    assert.equal(errorFromNode(what, server, ours), ours)
    assert.equal(errorFromNode(what, server, new TypeError('x is not a function')).code, 'internal')
  })
})
