import { mkdtemp, rm } from 'node:fs/promises'
import type { NetConnectOpts } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { DockerHost } from '../../../src/engine/connection/docker-host.ts'
import { dockerHarness, testDockerHost, type DockerHarness } from './docker-harness.ts'
import { TestProxy } from './test-proxy.ts'

/** Where the Docker of the tests listens, for a proxy in front of it. */
export function dockerTarget(): NetConnectOpts {
  const host = testDockerHost()
  return host.kind === 'unix' ? { path: host.path } : { host: host.hostname, port: host.port }
}

export interface ProxiedDocker extends AsyncDisposable {
  /** In front of Docker, on a Unix socket. */
  readonly proxy: TestProxy
  /** The address of the proxy. */
  readonly host: DockerHost
  /** Two nodes that have no other way to Docker. */
  readonly harness: DockerHarness
}

export async function proxiedDocker(): Promise<ProxiedDocker> {
  await using opened = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'minikubelet-proxy-'))
  opened.defer(() => rm(folder, { recursive: true }))
  const path = join(folder, 'docker.sock')
  const proxy = opened.use(await TestProxy.listen({ target: dockerTarget(), path }))
  const host: DockerHost = { kind: 'unix', path }
  const harness = opened.use(await dockerHarness(host))
  opened.defer(() => proxy.restore())
  const all = opened.move()
  return { proxy, host, harness, [Symbol.asyncDispose]: () => all.disposeAsync() }
}
