import assert from 'node:assert/strict'
import { once } from 'node:events'
import { PassThrough } from 'node:stream'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { DialStream, dialExitCodes, type DialEnd } from '../../../../src/engine/streams/dial-stream.ts'
import { rejects } from '../../../contract/engine/expect.ts'

describe('A connection by way of pause dial', () => {
  it('stands when the process says so, and not before', async () => {
    const { stream, stdout } = dialled()
    let stands = false
    const connected = stream.connected().then(() => (stands = true))
    stdout.write('c\0')
    await new Promise(setImmediate)
    assert.equal(stands, false)
    stdout.write('\0\0')
    await connected
  })

  for (const [exitCode, code] of [
    [dialExitCodes.broken, 'unavailable'],
    [dialExitCodes.killed, 'unavailable'],
    [dialExitCodes.noNamespace, 'unsupported'],
    [dialExitCodes.notRun, 'unsupported'],
    [dialExitCodes.notFound, 'unsupported'],
  ] as const) {
    it(`is ${code} where the process ends with ${exitCode} before, with its text`, async () => {
      const { stream, end } = dialled()
      end({ exitCode, text: 'why\n' })
      await rejects(stream.connected(), code, /^why$/u)
    })
  }

  it('breaks when the process ends before all is said', async () => {
    const { stream, stdout, end } = dialled()
    stdout.write('c\0\0\0')
    await stream.connected()
    end({ exitCode: dialExitCodes.said, text: '' })
    await rejects(text(stream), 'unavailable', /pause dial ended with 0/u)
  })

  it('is read to its end before it closes, whenever the process ends', async () => {
    const { stream, stdout, end } = dialled()
    stdout.end('c\0\0\0d\0\0\x05helloe\0\0\0')
    await stream.connected()
    end({ exitCode: dialExitCodes.said, text: '' })
    assert.equal(await text(stream), 'hello')
    if (!stream.closed) await once(stream, 'close')
  })

  it('takes nothing more from the process while nobody reads', async () => {
    const { stream, stdout } = dialled()
    stdout.write('c\0\0\0')
    await stream.connected()
    const frame = Buffer.concat([Buffer.from('d\x01\0\0'), Buffer.alloc(65536)])
    while (stdout.write(frame)) await new Promise(setImmediate)
    assert.ok(stdout.isPaused())
    assert.ok(stream.readableLength < 2 * frame.length)
    stream.resume()
    await once(stdout, 'drain')
  })

  it('says the end of its data in a frame, and leaves the input of the process open', async () => {
    const { stream, stdin } = dialled()
    stream.end('bye')
    await once(stream, 'finish')
    assert.equal(String(stdin.read()), 'd\0\0\x03byee\0\0\0')
    assert.ok(stdin.writable)
  })

  it('lets the process pass on what was said last when both have ended, and closes when that is over', async () => {
    const { stream, stdout, end } = dialled()
    stdout.write('c\0\0\0e\0\0\0')
    await stream.connected()
    assert.equal(await text(stream), '')
    stream.end('bye')
    await once(stream, 'finish')
    await new Promise(setImmediate)
    assert.equal(stream.destroyed, false)
    end({ exitCode: dialExitCodes.said, text: '' })
    await once(stream, 'close')
  })

  it('kills the process when it is destroyed', async () => {
    const { stream, killed } = dialled()
    stream.destroy()
    await killed
    await rejects(stream.connected(), 'aborted')
  })

  it('breaks on what is no frame', async () => {
    const { stream, stdout, killed } = dialled()
    stdout.write('HTTP/1.1 500')
    await rejects(stream.connected(), 'internal', /no frame/u)
    await killed
  })
})

/** A connection whose process the test plays. */
function dialled() {
  const stdin = new PassThrough()
  const stdout = new PassThrough()
  const { promise: ended, resolve: end } = Promise.withResolvers<DialEnd>()
  const { promise: killed, resolve: kill } = Promise.withResolvers<void>()
  return { stream: new DialStream({ stdin, stdout, ended, kill }), stdin, stdout, end, killed }
}
