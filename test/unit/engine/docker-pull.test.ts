import assert from 'node:assert/strict'
import { once } from 'node:events'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it, type TestContext } from 'node:test'
import { DockerConnection } from '../../../src/engine/connection/docker-connection.ts'
import { pullImage } from '../../../src/engine/docker-pull.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { quiet } from '../../support/quiet.ts'

const progressDeadlineMs = 60_000

/**
 * A pull from something that speaks as Docker does: no registry makes Docker say the same twice. Time stands still, and
 * goes on by 40 s after each line.
 */
async function pullFrom(test: TestContext, lines: readonly object[]): Promise<void> {
  const answered = Promise.withResolvers<ServerResponse>()
  const server = createServer((request, response) => {
    if (request.url === '/version') response.end(JSON.stringify({ ApiVersion: '1.41', MinAPIVersion: '1.12' }))
    else answered.resolve(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  test.after(() => server.close())
  const { port } = server.address() as AddressInfo
  const host = { kind: 'tcp', hostname: '127.0.0.1', port, certificates: undefined } as const
  using connection = await DockerConnection.open({ host, requestTimeoutMs: 10_000 }, test.signal)
  test.mock.timers.enable({ apis: ['setTimeout'] })
  let heard = Promise.withResolvers<void>()
  const onProgress = (): void => heard.resolve()
  const pulling = pullImage(connection, { reference: 'app:1', progressDeadlineMs, onProgress }, test.signal)
  // Its end is looked at when all has been said.
  pulling.catch(() => undefined)
  const response = await answered.promise
  for (const [index, line] of lines.entries()) {
    heard = Promise.withResolvers()
    await new Promise((written) => response.write(`${JSON.stringify(line)}\n`, written))
    // What is not new is not told: there is only time to read it.
    await (line === lines[index - 1] || !('id' in line) ? quiet() : heard.promise)
    test.mock.timers.tick(40_000)
  }
  response.end()
  await pulling
}

describe('a pull', () => {
  it('goes on for as long as Docker says something new', async (test) => {
    await pullFrom(
      test,
      [1, 2, 3, 4].map((current) => ({
        id: 'a1',
        status: 'Downloading',
        progressDetail: { current, total: 9 },
        progress: `${current}B/9B`,
      })),
    )
  })

  it('is ended when Docker says the same for a minute', async (test) => {
    const line = { id: 'a1', status: 'Downloading', progress: '[=> ]' }
    const text =
      'Cancel pulling image "app:1" because of no progress for 1m0s, latest progress: "a1: Downloading [=> ]"'
    await assert.rejects(pullFrom(test, [line, line, line]), new KubeletError('unavailable', text))
  })

  it('is ended when Docker says nothing at all', async (test) => {
    const text = 'Cancel pulling image "app:1" because of no progress for 1m0s, latest progress: "No progress"'
    await assert.rejects(pullFrom(test, [{}, {}]), new KubeletError('unavailable', text))
  })
})
