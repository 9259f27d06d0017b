import assert from 'node:assert/strict'
import { Writable } from 'node:stream'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { createLogger, type Logger, type LogOptions } from '../../../src/util/log.ts'

/** A logger whose lines are kept. */
async function keptLog(options: Omit<LogOptions, 'destination'>): Promise<{ log: Logger; lines: string[] }> {
  const lines: string[] = []
  const destination = new Writable({
    decodeStrings: false,
    write: (line, _encoding, done) => {
      lines.push(String(line))
      done()
    },
  })
  return { log: await createLogger({ ...options, destination }), lines }
}

function fieldsOf(line: string | undefined): unknown {
  const fields: unknown = JSON.parse(line ?? '')
  assert.ok(typeof fields === 'object' && fields !== null && 'time' in fields)
  assert.match(String(fields.time), /^\d{4}-\d\d-\d\dT[\d:.]{12}Z$/u)
  return { ...fields, time: undefined }
}

describe('createLogger', () => {
  it('writes JSON lines with the fields of the logger and of the call', async () => {
    const { log, lines } = await keptLog({ verbosity: 0, format: 'json' })
    log.child({ node: 'a' }).child({ pod: 'p' }).warn('Pod is slow', { ms: 3 })
    assert.deepEqual(lines.map(fieldsOf), [
      { level: 'warn', time: undefined, node: 'a', pod: 'p', ms: 3, msg: 'Pod is slow' },
    ])
  })

  const levels: readonly (readonly [number, readonly string[]])[] = [
    [0, ['info', 'warn', 'error']],
    [3, ['info', 'warn', 'error']],
    [4, ['debug', 'info', 'warn', 'error']],
    [6, ['trace', 'debug', 'info', 'warn', 'error']],
  ]
  for (const [verbosity, expected] of levels) {
    it(`says ${expected.join(', ')} at --v=${verbosity}`, async () => {
      const { log, lines } = await keptLog({ verbosity, format: 'json' })
      for (const level of ['trace', 'debug', 'info', 'warn', 'error'] as const) log[level](level)
      assert.deepEqual(
        lines.map((line) => /"level":"(\w+)"/u.exec(line)?.[1]),
        expected,
      )
    })
  }

  it('tells code, message and cause of an error, and where it came from only to whoever debugs', async () => {
    const error = new KubeletError('conflict', 'Name "x" is taken', { cause: new Error('HTTP 409') })
    const quiet = await keptLog({ verbosity: 0, format: 'json' })
    quiet.log.error('Pod failed', { error })
    const told = { code: 'conflict', message: 'Name "x" is taken', cause: 'HTTP 409' }
    assert.deepEqual(quiet.lines.map(fieldsOf), [{ level: 'error', time: undefined, error: told, msg: 'Pod failed' }])

    const loud = await keptLog({ verbosity: 4, format: 'json' })
    loud.log.error('Pod failed', { error })
    const expected = { level: 'error', time: undefined, error: { ...told, stack: error.stack }, msg: 'Pod failed' }
    assert.deepEqual(loud.lines.map(fieldsOf), [expected])
  })

  it('tells of an error that carries megabytes how it begins', async () => {
    const { log, lines } = await keptLog({ verbosity: 4, format: 'json' })
    log.debug('Failed', { error: new KubeletError('internal', 'x'.repeat(1_000_000)) })
    assert.ok((lines[0] ?? '').length < 10_000)
    assert.match(lines[0] ?? '', /xxx… \(1000000 characters\)"/u)
  })

  it('tells of a text of megabytes how it begins', async () => {
    const { log, lines } = await keptLog({ verbosity: 0, format: 'json' })
    log.info('Said', { message: 'x'.repeat(5_000_000), short: 'y', count: 1 })
    const message = `${'x'.repeat(4096)}… (5000000 characters)`
    assert.deepEqual(lines.map(fieldsOf), [
      { level: 'info', time: undefined, message, short: 'y', count: 1, msg: 'Said' },
    ])
  })

  it('tells a foreign error as internal, and leaves a field that is no error alone', async () => {
    const { log, lines } = await keptLog({ verbosity: 0, format: 'json' })
    log.info('a', { error: new TypeError('x is undefined') })
    log.info('b', { error: 'text' })
    assert.deepEqual(lines.map(fieldsOf), [
      { level: 'info', time: undefined, error: { code: 'internal', message: 'x is undefined' }, msg: 'a' },
      { level: 'info', time: undefined, error: 'text', msg: 'b' },
    ])
  })

  it('writes one readable line for people', async () => {
    const { log, lines } = await keptLog({ verbosity: 0, format: 'pretty' })
    log.info('Pod is running', { pod: 'p' })
    // oxlint-disable-next-line no-control-regex -- colours, where the terminal of the test has them
    const plain = lines.join('').replaceAll(/\u001B\[\d+m/gu, '')
    assert.match(plain, /^\[\d\d:\d\d:\d\d\.\d{3}\] INFO: Pod is running \{"pod":"p"\}\n$/u)
  })
})
