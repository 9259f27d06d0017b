import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type Server, type Socket } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { DbusClient } from '../../../src/shutdown/dbus/dbus-client.ts'
import { temporaryFolder } from '../volume/temporary-folder.ts'

/** What listens where a bus should, and does this with whoever connects. */
async function aBus(test: TestContext, onConnection: (socket: Socket) => void): Promise<string> {
  const path = join(await temporaryFolder(test), 'bus')
  const server: Server = createServer(onConnection).listen(path)
  test.after(() => void server.close())
  await once(server, 'listening')
  return `unix:path=${path}`
}

/** The answer of a bus to the first call. Nobody looks into it. */
const helloReturn = Buffer.from('6c02010100000000010000000800000005017500010000'.padEnd(48, '0'), 'hex')

describe('a message bus', () => {
  it('does not answer when it closes the connection before it has let anybody in', async (t) => {
    const address = await aBus(t, (socket) => void socket.once('data', () => socket.end()))
    await assert.rejects(
      DbusClient.connect(address, () => undefined, t.signal),
      {
        code: 'unavailable',
        message: `The message bus at ${address} does not answer: it says "it has closed the connection"`,
      },
    )
  })

  it('is gone for whoever calls after it has closed the connection', async (t) => {
    const address = await aBus(t, (socket) => {
      socket.once('data', () => {
        socket.write('OK 0123\r\n')
        socket.once('data', () => {
          socket.write(helloReturn)
          socket.once('data', () => socket.end())
        })
      })
    })
    using client = await DbusClient.connect(address, () => undefined, t.signal)
    const call = { destination: 'a.b', path: '/', interface: 'a.b', member: 'C' }
    const isGone = { code: 'unavailable', message: 'The message bus is gone: it has closed the connection' }
    await assert.rejects(client.call(call, t.signal), isGone)
    await client.closed
    await assert.rejects(client.call(call, t.signal), isGone)
  })
})
