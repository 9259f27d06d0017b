import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { connect } from 'node:tls'
import { setImmediate as turn } from 'node:timers/promises'
import type { OutputPart } from '../../../../src/engine/streams/frame-reader.ts'
import type { ContainerLogs, LogOptions } from '../../../../src/engine/streams/logs.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { logRoutes } from '../../../../src/server/logs/log-routes.ts'
import { aContainerStatus, aPod } from '../../../builders/pod.ts'
import { askPort, openTestPort, readPort } from '../../../support/https-client.ts'

const pod = aPod({ status: { containerStatuses: [aContainerStatus({ containerID: 'docker://main-0' })] } })
const path = '/containerLogs/default/web/main'

describe('/containerLogs', () => {
  it('gives both outputs in their order, in chunks', async () => {
    const engine = logOf([out('one\n'), err('two\n'), out('three\n')])
    await using port = await openTestPort(routes(engine))
    const response = await askPort(port, path)
    assert.equal(response.headers['content-type'], 'text/plain')
    assert.equal(response.headers['transfer-encoding'], 'chunked')
    assert.equal(await text(response), 'one\ntwo\nthree\n')
  })

  it('sends the last of a log before it says that it was the last, for clients that lose what comes with the end', async () => {
    await using port = await openTestPort(routes(logOf([out('one\n'), out('two\n')])))
    const socket = connect({ host: port.address, port: port.port, rejectUnauthorized: false })
    socket.write(`GET ${path} HTTP/1.1\r\nHost: node\r\nConnection: close\r\n\r\n`)
    const records: string[] = []
    for await (const record of socket) records.push(String(record))
    assert.equal(records.filter((record) => record.includes('two\n')).length, 1)
    assert.equal(records.at(-1), '0\r\n\r\n')
  })

  it("asks the engine for what the query says, of the instance that the Pod's status names", async () => {
    const asked: unknown[] = []
    const engine: ContainerLogs = {
      logs: async (id, options) => {
        asked.push(id, options)
        return noParts()
      },
    }
    await using port = await openTestPort(routes(engine))
    await readPort(port, `${path}?follow=true&timestamps=true&tailLines=5&sinceTime=2026-01-01T00:00:00.5Z`)
    const since = { seconds: 1_767_225_600, nanoseconds: 500_000_000 }
    assert.deepEqual(asked, ['main-0', { follow: true, timestamps: true, tailLines: 5, since }])
  })

  for (const [limit, expected] of [
    [1, 'o'],
    [4, 'one\n'],
    [6, 'one\ntw'],
    [100, 'one\ntwo\n'],
  ] as const) {
    it(`ends after ${limit} bytes of both outputs together, and reads on for nobody`, async () => {
      const log = watchedLog([out('one\n'), err('two\n')], limit <= 6)
      await using port = await openTestPort(routes(log))
      assert.deepEqual(await readPort(port, `${path}?follow=true&limitBytes=${limit}`), [200, expected])
      await log.left
    })
  }

  it('answers at once where a container that is followed has nothing to say yet', async () => {
    const log = watchedLog([], true)
    await using port = await openTestPort(routes(log))
    const response = await askPort(port, `${path}?follow=true`)
    assert.equal(response.statusCode, 200)
    response.destroy()
    await log.left
  })

  it('lets go of the log when the client has gone', async () => {
    const log = watchedLog([out('one\n')], true)
    await using port = await openTestPort(routes(log))
    const response = await askPort(port, `${path}?follow=true`)
    assert.equal(String((await once(response, 'data'))[0]), 'one\n')
    response.destroy()
    await log.left
  })

  it('reads no faster than its client', async () => {
    const chunk = Buffer.alloc(64 * 1024, 'a')
    const chunks = 1024
    let given = 0
    async function* endless(): AsyncGenerator<OutputPart, void, undefined> {
      for (; given < chunks; given++) yield { stream: 'stdout', payload: chunk }
    }
    await using port = await openTestPort(routes({ logs: async () => endless() }))
    const response = await askPort(port, path)
    // What the kernel keeps for a connection is bounded, and so is what Node does.
    for (let before = -1; given !== before;) {
      before = given
      for (let turns = 0; turns < 1000; turns++) await turn()
    }
    assert.ok(given < chunks / 2, `${given} chunks of ${chunks}`)
    let bytes = 0
    for await (const part of response) bytes += (part as Buffer).length
    assert.equal(bytes, chunks * chunk.length)
  })

  it('ends a log that breaks off with the reason', async () => {
    async function* broken(): AsyncGenerator<OutputPart, void, undefined> {
      yield out('one\n')
      throw new KubeletError('internal', 'Error grabbing logs: unexpected EOF')
    }
    await using port = await openTestPort(routes({ logs: async () => broken() }))
    assert.deepEqual(await readPort(port, path), [200, 'one\nError grabbing logs: unexpected EOF'])
  })

  const refused: readonly (readonly [string, number, string])[] = [
    ['/containerLogs/default/other/main', 404, 'pod "other" does not exist'],
    ['/containerLogs/other/web/main', 404, 'pod "web" does not exist'],
    ['/containerLogs/default/web/other', 404, 'container "other" not found in pod "web"'],
    [`${path}?previous=true`, 400, 'previous terminated container "main" in pod "web" not found'],
    // The kubelet looks at what is asked for before it looks at what there is.
    [
      `${path}?previous=true&stream=Stdout`,
      400,
      'unable to return the given log stream: "Stdout". Please enable PodLogsQuerySplitStreams feature gate in kubelet',
    ],
    [`${path}?tailLines=x`, 400, '{"message": "Unable to decode query."}'],
    ['/containerLogs/default/other/main?limitBytes=0', 422, '{"message": "Invalid request."}'],
    [
      `${path}?stream=Stderr`,
      400,
      'unable to return the given log stream: "Stderr". Please enable PodLogsQuerySplitStreams feature gate in kubelet',
    ],
  ]
  for (const [asked, status, body] of refused) {
    it(`answers ${status} to ${asked}`, async () => {
      await using port = await openTestPort(routes(logOf([])))
      assert.deepEqual(await readPort(port, asked), [status, body])
    })
  }

  for (const [error, body] of [
    [
      new KubeletError('not-found', 'No such container: main-0'),
      'unable to retrieve container logs for docker://main-0',
    ],
    [
      new KubeletError('unavailable', 'Docker cannot be reached'),
      'unable to retrieve container logs for docker://main-0',
    ],
    [
      new KubeletError('internal', 'configured logging driver does not support reading', { status: 501 }),
      'Error response from daemon: configured logging driver does not support reading',
    ],
  ] as const) {
    it(`answers 400 where there is no log to be had: ${error.message}`, async () => {
      await using port = await openTestPort(routes({ logs: () => Promise.reject(error) }))
      assert.deepEqual(await readPort(port, path), [400, body])
    })
  }
})

function routes(engine: ContainerLogs) {
  const find = (namespace: string, name: string) =>
    namespace === pod.metadata.namespace && name === pod.metadata.name ? pod : undefined
  return logRoutes({ engine, pods: { find } })
}

function out(line: string): OutputPart {
  return { stream: 'stdout', payload: Buffer.from(line) }
}

function err(line: string): OutputPart {
  return { stream: 'stderr', payload: Buffer.from(line) }
}

function logOf(parts: readonly OutputPart[]): ContainerLogs {
  return {
    logs: async () => {
      async function* read(): AsyncGenerator<OutputPart, void, undefined> {
        yield* parts
      }
      return read()
    },
  }
}

async function* noParts(): AsyncGenerator<OutputPart, void, undefined> {}

/** A log that may go on for ever after its parts; `left` resolves when nobody reads it any more. */
function watchedLog(parts: readonly OutputPart[], goesOn: boolean): ContainerLogs & { readonly left: Promise<void> } {
  const { promise: left, resolve } = Promise.withResolvers<void>()
  async function* read(signal: AbortSignal): AsyncGenerator<OutputPart, void, undefined> {
    try {
      yield* parts
      if (goesOn) await once(signal, 'abort')
    } finally {
      resolve()
    }
  }
  return { left, logs: async (_id: unknown, _options: LogOptions, signal: AbortSignal) => read(signal) }
}
