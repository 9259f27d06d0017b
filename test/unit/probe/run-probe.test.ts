import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Engine, ExecOptions, ExecResult } from '../../../src/engine/engine.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { containerId } from '../../../src/model/ids.ts'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import type { ProbeOutcome } from '../../../src/probe/probe-outcome.ts'
import { probeSpec } from '../../../src/probe/probe-spec.ts'
import { runProbe } from '../../../src/probe/run-probe.ts'
import { aContainer } from '../../builders/pod.ts'
import { freePort } from '../../support/free-port.ts'
import { Loopback } from '../../support/loopback.ts'

type Probe = NonNullable<ContainerSpec['livenessProbe']>

const id = containerId('main-0')

interface Run {
  readonly signal: AbortSignal
  readonly container?: Partial<ContainerSpec>
  readonly exec?: (command: readonly string[], options: ExecOptions) => ExecResult
}

function ask(probe: Probe, { signal, container, exec }: Run): Promise<ProbeOutcome> {
  const target = aContainer({ livenessProbe: probe, ...container })
  const spec = probeSpec(target, 'liveness')
  assert.ok(spec)
  const engine: Pick<Engine, 'exec'> = {
    exec: async (_, command, options) => exec?.(command, options) ?? { kind: 'exited', exitCode: 0, output: '' },
  }
  const tools = { engine, userAgent: 'kube-probe/1.36' }
  return runProbe(spec, { container: target, id, podIp: '127.0.0.1' }, tools, signal)
}

describe('a probe by a command', () => {
  const probe: Probe = { exec: { command: ['cat', '$(FILE)', '$(OTHER)'] }, timeoutSeconds: 2 }

  for (const [title, result, outcome] of [
    ['succeeds with 0', { kind: 'exited', exitCode: 0, output: 'x' }, { kind: 'success' }],
    [
      'fails with any other exit code, saying what the command said',
      { kind: 'exited', exitCode: 1, output: 'no such file\n' },
      { kind: 'failure', output: 'no such file\n' },
    ],
    [
      'fails when the command does not end in time',
      { kind: 'timed-out', output: 'so far' },
      { kind: 'failure', output: 'command timed out: "cat $(FILE) $(OTHER)" timed out after 2s' },
    ],
  ] as const) {
    it(title, async ({ signal }) => assert.deepEqual(await ask(probe, { signal, exec: () => result }), outcome))
  }

  it('expands what the spec spells out, and nothing else', async ({ signal }) => {
    const commands: (readonly string[])[] = []
    await ask(probe, {
      signal,
      container: {
        env: [
          { name: 'FILE', value: '/tmp/$(X)' },
          { name: 'UNSET', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } },
        ],
      },
      exec: (command, options) => {
        commands.push(command)
        assert.deepEqual(options, { timeoutMs: 2000 })
        return { kind: 'exited', exitCode: 0, output: '' }
      },
    })
    assert.deepEqual(commands, [['cat', '/tmp/$(X)', '$(OTHER)']])
  })

  for (const [error, message] of [
    [
      new KubeletError('conflict', 'Container main-0 is not running', { status: 409 }),
      'container not running (main-0)',
    ],
    [new KubeletError('internal', 'no space left on device', { status: 500 }), 'no space left on device'],
  ] as const) {
    it(`is an error that is tried three times: ${message}`, async ({ signal }) => {
      let tries = 0
      const outcome = await ask(probe, {
        signal,
        exec: () => {
          tries += 1
          throw error
        },
      })
      assert.deepEqual(outcome, {
        kind: 'error',
        state: 'unknown',
        message: `rpc error: code = Unknown desc = ${message}`,
      })
      assert.equal(tries, 3)
    })
  }

  it('is not an error any more when the second try succeeds', async ({ signal }) => {
    let tries = 0
    const exec = (): ExecResult => {
      tries += 1
      if (tries === 1) throw new KubeletError('unavailable', 'Docker is away')
      return { kind: 'exited', exitCode: 0, output: '' }
    }
    assert.deepEqual(await ask(probe, { signal, exec }), { kind: 'success' })
  })

  it('throws aborted when it is ended', async ({ signal }) => {
    const exec = (): ExecResult => {
      throw new KubeletError('aborted', 'The call to Docker was aborted')
    }
    await assert.rejects(ask(probe, { signal, exec }), (error) => KubeletError.is(error, 'aborted'))
  })
})

describe('a probe over TCP', () => {
  it('succeeds with a connection, at a named port too', async ({ signal }) => {
    await using server = await Loopback.tcp()
    const container = { ports: [{ name: 'data', containerPort: server.port }] }
    assert.deepEqual(await ask({ tcpSocket: { port: 'data' } }, { signal, container }), { kind: 'success' })
    await server.deserted()
  })

  it('fails where nobody listens', async ({ signal }) => {
    const port = await freePort()
    assert.deepEqual(await ask({ tcpSocket: { port, host: 'localhost' } }, { signal }), {
      kind: 'failure',
      output: `dial tcp localhost:${port}: connect: connection refused`,
    })
  })

  it('is an error at a port that does not exist', async ({ signal }) => {
    assert.deepEqual(await ask({ tcpSocket: { port: 0 } }, { signal }), {
      kind: 'error',
      state: 'unknown',
      message: 'invalid port number: 0',
    })
  })

  it('throws aborted when it is ended', async () => {
    await assert.rejects(ask({ tcpSocket: { port: 1 } }, { signal: AbortSignal.abort() }), (error) =>
      KubeletError.is(error, 'aborted'),
    )
  })
})

describe('a probe over HTTP', { timeout: 30_000 }, () => {
  for (const [status, outcome] of [
    [200, { kind: 'success' }],
    [299, { kind: 'success' }],
    [300, { kind: 'warning', output: 'Probe terminated redirects, Response body: body' }],
    [399, { kind: 'warning', output: 'Probe terminated redirects, Response body: body' }],
    [400, { kind: 'failure', output: 'HTTP probe failed with statuscode: 400' }],
    [500, { kind: 'failure', output: 'HTTP probe failed with statuscode: 500' }],
  ] as const) {
    it(`takes ${status} for a ${outcome.kind}`, async ({ signal }) => {
      await using server = await Loopback.http((_, response) => response.writeHead(status).end('body'))
      assert.deepEqual(await ask({ httpGet: { port: server.port } }, { signal }), outcome)
    })
  }

  it('warns of a redirect to another host, with what that said', async ({ signal }) => {
    const body = '<a href="http://0.0.0.0/">Found</a>.\n\n'
    await using server = await Loopback.http((_, response) =>
      response.writeHead(302, { location: 'http://0.0.0.0/' }).end(body),
    )
    assert.deepEqual(await ask({ httpGet: { port: server.port } }, { signal }), {
      kind: 'warning',
      output: `Probe terminated redirects, Response body: ${body}`,
    })
  })

  it('fails when nothing answers in time, and errs when the answer does not end in time', async ({ signal }) => {
    await using server = await Loopback.http((request, response) => {
      if (request.url === '/half') response.write('half')
    })
    const { port } = server
    assert.deepEqual(await ask({ httpGet: { port, path: '/' }, timeoutSeconds: 1 }, { signal }), {
      kind: 'failure',
      output: `Get "http://127.0.0.1:${port}/": context deadline exceeded (Client.Timeout exceeded while awaiting headers)`,
    })
    assert.deepEqual(await ask({ httpGet: { port, path: '/half' }, timeoutSeconds: 1 }, { signal }), {
      kind: 'error',
      state: 'failure',
      message: 'context deadline exceeded (Client.Timeout or context cancellation while reading body)',
    })
  })

  it('is an error at a port that does not exist', async ({ signal }) => {
    assert.deepEqual(await ask({ httpGet: { port: 'http' } }, { signal }), {
      kind: 'error',
      state: 'unknown',
      message: 'strconv.Atoi: parsing "http": invalid syntax',
    })
  })
})

describe('a probe that does not say how to ask', () => {
  it('is an error', async ({ signal }) => {
    assert.deepEqual(await ask({}, { signal }), {
      kind: 'error',
      state: 'unknown',
      message: 'missing probe handler for container main',
    })
  })
})
