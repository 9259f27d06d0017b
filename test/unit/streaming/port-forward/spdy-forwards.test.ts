import assert from 'node:assert/strict'
import { pipeline } from 'node:stream/promises'
import { describe, it, type TestContext } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { forwardStreams, type SpdyForwards } from '../../../../src/streaming/port-forward/spdy-forwards.ts'
import { refusalOf } from '../../../../src/streaming/port-forward/stream-headers.ts'
import { quiet } from '../../../support/quiet.ts'
import { SpdyPair } from '../../../support/spdy-pair.ts'

/** Sends back what comes, behind the number of the port. */
const echo: SpdyForwards['forward'] = async (port, data) => {
  data.write(`${port}:`)
  await pipeline(data, data)
}

class Forwards {
  readonly pair = new SpdyPair({ refuse: refusalOf })
  readonly client = this.pair.client
  readonly over: Promise<void>

  constructor(forward: SpdyForwards['forward'] = echo) {
    this.over = forwardStreams(this.pair.connection, { pod: 'pod-id', uid: '', forward })
  }

  /** Opens a pair as kubectl does; gives the ids of its streams. */
  open(requestid: string, port = '80'): { readonly error: number; readonly data: number } {
    const error = this.client.open({ streamType: 'error', port, requestid })
    this.client.data(error, '', { fin: true })
    return { error, data: this.client.open({ streamType: 'data', port, requestid }) }
  }

  async end(): Promise<void> {
    this.client.end()
    await this.over
  }
}

function stopTimers(test: TestContext): void {
  test.mock.timers.enable({ apis: ['setTimeout'] })
}

describe('A connection to a port over SPDY', () => {
  it('goes both ways, and ends with both its streams and no error', async () => {
    const forwards = new Forwards()
    const { client } = forwards
    const { data, error } = forwards.open('0')
    client.data(data, 'hello', { fin: true })
    await client.until(() => client.hasEnded(data) && client.hasEnded(error))
    assert.equal(client.received(data).toString(), '80:hello')
    assert.equal(client.received(error).length, 0)
    await quiet()
    assert.deepEqual(client.ofKind('rst-stream'), [])
    await forwards.end()
  })

  it('goes on beside others', async () => {
    const forwards = new Forwards()
    const { client } = forwards
    const first = forwards.open('0')
    const second = forwards.open('1', '81')
    client.data(first.data, 'a')
    client.data(second.data, 'b', { fin: true })
    await client.until(() => client.hasEnded(second.data))
    assert.equal(client.received(second.data).toString(), '81:b')
    assert.equal(client.hasEnded(first.data), false)
    client.data(first.data, 'c', { fin: true })
    await client.until(() => client.hasEnded(first.data))
    assert.equal(client.received(first.data).toString(), '80:ac')
    await forwards.end()
  })

  it('of an old client has no id', async () => {
    const forwards = new Forwards()
    const { client } = forwards
    client.open({ streamtype: 'error', port: '80' })
    const data = client.open({ streamtype: 'data', port: '80' })
    client.data(data, 'old', { fin: true })
    await client.until(() => client.hasEnded(data))
    assert.equal(client.received(data).toString(), '80:old')
    await forwards.end()
  })

  it('of which one stream is reset before the other one comes is given up, and can be made anew', async () => {
    const forwards = new Forwards()
    const { client } = forwards
    const headers = { port: '80', requestid: '0' }
    const first = client.open({ streamType: 'data', ...headers })
    await quiet()
    client.send({ kind: 'rst-stream', streamId: first, status: 5 })
    const second = client.open({ streamType: 'data', ...headers })
    const error = client.open({ streamType: 'error', ...headers })
    client.data(error, '', { fin: true })
    client.data(second, 'hello', { fin: true })
    await client.until(() => client.hasEnded(second) && client.hasEnded(error))
    assert.equal(client.received(second).toString(), '80:hello')
    await forwards.end()
  })

  it('that cannot be made is an error on its error stream, and both are reset', async () => {
    const forwards = new Forwards(() => Promise.reject(new KubeletError('unavailable', 'connection refused')))
    const { client } = forwards
    const { data, error } = forwards.open('0')
    await client.until(() => client.hasReset(data) && client.hasEnded(error))
    assert.equal(client.received(error).toString(), 'error forwarding port 80 to pod pod-id, uid : connection refused')
    const next = forwards.open('1')
    await client.until(() => client.hasReset(next.data))
    await forwards.end()
  })

  it('of which only one stream comes is given up', async (test) => {
    stopTimers(test)
    const forwards = new Forwards()
    const { client } = forwards
    const error = client.open({ streamtype: 'error', port: '80', requestid: '4' })
    const data = client.open({ streamtype: 'data', port: '80', requestid: '5' })
    await client.until(() => client.ofKind('syn-reply').length === 2)
    await quiet()
    test.mock.timers.tick(30_000)
    await client.until(() => client.hasEnded(error) && client.hasReset(data))
    assert.equal(client.received(error).toString(), '(conn=spdy, request=4) timed out waiting for streams')
    await forwards.end()
  })

  it('that gets a stream twice is told so, and goes on', async () => {
    const forwards = new Forwards()
    const { client } = forwards
    const error = client.open({ streamtype: 'error', port: '80', requestid: '0' })
    const again = client.open({ streamtype: 'error', port: '80', requestid: '0' })
    await client.until(() => client.hasReset(again) && client.received(error).length > 0)
    assert.equal(
      client.received(error).toString(),
      'error processing stream for request 0: error stream already assigned',
    )
    const data = client.open({ streamtype: 'data', port: '80', requestid: '0' })
    client.data(data, '', { fin: true })
    await client.until(() => client.hasEnded(data))
    await forwards.end()
  })

  it('is let go of when its client vanishes', async () => {
    const { promise: begun, resolve } = Promise.withResolvers<void>()
    const signals: AbortSignal[] = []
    const forwards = new Forwards((_port, _data, signal) => {
      signals.push(signal)
      resolve()
      return new Promise((_resolve, reject) => {
        signal.addEventListener('abort', () => reject(new KubeletError('aborted', 'let go')))
      })
    })
    forwards.open('0')
    await begun
    await forwards.end()
    assert.equal(signals[0]?.aborted, true)
  })
})
