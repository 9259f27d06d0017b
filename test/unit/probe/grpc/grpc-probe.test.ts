import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { grpcProbe, type GrpcProbe } from '../../../../src/probe/grpc/grpc-probe.ts'
import type { ProbeOutcome } from '../../../../src/probe/probe-outcome.ts'
import { freePort } from '../../../support/free-port.ts'
import { grpcServer, type GrpcCall, type GrpcHealth } from '../../../support/grpc-server.ts'
import { Loopback } from '../../../support/loopback.ts'

function ask(port: number, signal: AbortSignal, change: Partial<GrpcProbe> = {}): Promise<ProbeOutcome> {
  return grpcProbe(
    { host: '127.0.0.1', port, service: '', timeoutMs: 10_000, userAgent: 'kube-probe/1.36', ...change },
    signal,
  )
}

const unhealthy: readonly (readonly [title: string, health: GrpcHealth, output: string])[] = [
  ['does not serve', { kind: 'status', status: 2 }, 'service unhealthy (responded with "NOT_SERVING")'],
  ['does not know the service', { kind: 'status', status: 3 }, 'service unhealthy (responded with "SERVICE_UNKNOWN")'],
  [
    'does not speak the health protocol',
    { kind: 'error', code: 12, message: 'unknown service grpc.health.v1.Health' },
    'error: this server does not implement the grpc health protocol (grpc.health.v1.Health): unknown service grpc.health.v1.Health',
  ],
  [
    'refuses',
    { kind: 'error', code: 5, message: 'unknown service 100%25' },
    'error: health rpc probe failed: rpc error: code = NotFound desc = unknown service 100%',
  ],
]

describe('grpcProbe', { timeout: 30_000 }, () => {
  it('succeeds with a server that serves, and closes the connection', async ({ signal }) => {
    const calls: GrpcCall[] = []
    await using server = await grpcServer((call) => {
      calls.push(call)
      return { kind: 'status', status: 1 }
    })
    assert.deepEqual(await ask(server.port, signal, { service: 'web' }), { kind: 'success' })
    assert.deepEqual(calls, [
      { path: '/grpc.health.v1.Health/Check', userAgent: 'kube-probe/1.36', message: '00000000050a03776562' },
    ])
    await server.deserted()
  })

  for (const [title, health, output] of unhealthy) {
    it(`fails with a server that ${title}`, async ({ signal }) => {
      await using server = await grpcServer(() => health)
      assert.deepEqual(await ask(server.port, signal), { kind: 'failure', output })
    })
  }

  it('fails with a server that does not answer in time', async ({ signal }) => {
    await using server = await grpcServer(() => ({ kind: 'silence' }))
    assert.deepEqual(await ask(server.port, signal, { timeoutMs: 1000 }), {
      kind: 'failure',
      output: 'timeout: health rpc did not complete within 1s',
    })
  })

  it('fails where nobody listens, and where nobody speaks HTTP/2, when the time is up', async ({ signal }) => {
    await using silent = await Loopback.tcp()
    for (const port of [await freePort(), silent.port]) {
      assert.deepEqual(await ask(port, signal, { timeoutMs: 500 }), {
        kind: 'failure',
        output: `timeout: failed to connect service "127.0.0.1:${port}" within 500ms: context deadline exceeded`,
      })
    }
    await silent.deserted()
  })

  it('throws aborted when it is ended, whatever it is doing', async ({ signal }) => {
    const arrived = Promise.withResolvers<void>()
    await using server = await grpcServer(() => {
      arrived.resolve()
      return { kind: 'silence' }
    })
    const controller = new AbortController()
    const asking = ask(server.port, controller.signal)
    await arrived.promise
    controller.abort()
    await assert.rejects(asking, (error) => KubeletError.is(error, 'aborted'))
    await assert.rejects(ask(server.port, controller.signal), (error) => KubeletError.is(error, 'aborted'))
    assert.ok(!signal.aborted)
  })
})
