import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { codeOfStatus, dockerError } from '../../../../src/engine/connection/docker-errors.ts'
import { KubeletError } from '../../../../src/model/errors.ts'

const host = 'unix:///run/docker.sock'

describe('dockerError', () => {
  it("gives Docker's own text, and nothing of what docker-modem puts around it", () => {
    const thrown = Object.assign(new Error('(HTTP code 404) no such container - No such image: a - b '), {
      statusCode: 404,
      reason: 'no such container',
    })
    const error = dockerError(thrown, host)
    assert.deepEqual(error, new KubeletError('not-found', 'No such image: a - b', { status: 404, cause: thrown }))
  })

  it('does so where docker-modem knows no reason, and where Docker gave none', () => {
    const conflict = Object.assign(new Error('(HTTP code 409) unexpected - name in use '), { statusCode: 409 })
    assert.equal(dockerError(conflict, host).message, 'name in use')
    const silent = Object.assign(new Error('(HTTP code 500) server error -  '), {
      statusCode: 500,
      reason: 'server error',
    })
    assert.equal(dockerError(silent, host).message, 'Docker answered with HTTP status 500')
  })

  it('says where Docker was looked for and what to do when it cannot be reached', () => {
    const advice = {
      ENOENT: 'start Docker, or name its address with --docker-host',
      ECONNREFUSED: 'start Docker, or name its address with --docker-host',
      EACCES: 'run as root or as a member of the group that owns the socket',
      ECONNRESET: 'check that Docker runs, and the address and certificates given for it',
    }
    for (const [code, text] of Object.entries(advice)) {
      const thrown = Object.assign(new Error(`connect ${code}`), { code })
      const message = `Docker cannot be reached at unix:///run/docker.sock (connect ${code}): ${text}`
      assert.deepEqual(dockerError(thrown, host), new KubeletError('unavailable', message, { cause: thrown }))
    }
  })

  it("takes Node's abort for ours", () => {
    assert.equal(dockerError(new DOMException('This operation was aborted', 'AbortError'), host).code, 'aborted')
    const { code } = dockerError(Object.assign(new Error('aborted'), { name: 'AbortError', code: 'ABORT_ERR' }), host)
    assert.equal(code, 'aborted')
  })

  it('leaves an error of ours as it is, and takes anything else for internal', () => {
    const ours = new KubeletError('throttled', 'later')
    assert.equal(dockerError(ours, host), ours)
    assert.deepEqual(dockerError('what?', host), new KubeletError('internal', 'what?', { cause: 'what?' }))
    const badHeader = Object.assign(new TypeError('Invalid character in header'), { code: 'ERR_INVALID_CHAR' })
    assert.equal(dockerError(badHeader, host).code, 'internal')
  })
})

describe('codeOfStatus', () => {
  it('tells apart what callers must tell apart', () => {
    const codes = {
      304: 'conflict',
      400: 'invalid',
      401: 'unauthorized',
      403: 'forbidden',
      404: 'not-found',
      409: 'conflict',
      422: 'invalid',
      429: 'throttled',
      500: 'internal',
      501: 'internal',
      503: 'unavailable',
    }
    for (const [status, code] of Object.entries(codes)) assert.equal(codeOfStatus(Number(status)), code, status)
  })
})
