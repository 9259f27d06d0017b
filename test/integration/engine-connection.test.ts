import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { dockerHost } from '../../src/engine/connection/docker-host.ts'
import { DockerEngine } from '../../src/engine/docker-engine.ts'
import { rejects } from '../contract/engine/expect.ts'
import { containerRequest } from '../contract/engine/requests.ts'
import { run } from '../support/command.ts'
import { dockerTarget, proxiedDocker } from './support/proxied-docker.ts'
import { TestProxy } from './support/test-proxy.ts'

const nodeName = 'test-connection'

describe('The connection to Docker', { timeout: 120_000 }, () => {
  it('says where Docker was looked for and what to do, when nobody listens there', async ({ signal }) => {
    const host = dockerHost('unix:///no/such/docker.sock', {})
    const text =
      'Docker cannot be reached at unix:///no/such/docker.sock (connect ENOENT /no/such/docker.sock): ' +
      'start Docker, or name its address with --docker-host'
    const error = await rejects(DockerEngine.connect({ host, nodeName }, signal), 'unavailable')
    assert.equal(error.message, text)
  })

  it('goes to the address that was given, whatever the environment says', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { DOCKER_HOST } = process.env
    process.env['DOCKER_HOST'] = 'tcp://127.0.0.1:1'
    try {
      using engine = await DockerEngine.connect({ host: proxied.host, nodeName }, signal)
      assert.deepEqual(await engine.list(signal), [])
    } finally {
      if (DOCKER_HOST === undefined) delete process.env['DOCKER_HOST']
      else process.env['DOCKER_HOST'] = DOCKER_HOST
    }
  })

  it('goes over TCP', async ({ signal }) => {
    await using proxy = await TestProxy.listen({ target: dockerTarget() })
    using engine = await DockerEngine.connect(
      { host: dockerHost(`tcp://127.0.0.1:${proxy.port}`, {}), nodeName },
      signal,
    )
    assert.deepEqual(await engine.list(signal), [])
    await assertReadsLogs(engine, signal)
  })

  it('goes over TCP with TLS, where both sides show their certificate', async ({ signal }) => {
    await using certificates = await makeCertificates()
    const read = (name: string): Promise<Buffer> => readFile(join(certificates.folder, name))
    const [ca, cert, key] = [await read('ca.pem'), await read('cert.pem'), await read('key.pem')]
    const tls = { ca, cert, key, requestCert: true, rejectUnauthorized: true }
    await using proxy = await TestProxy.listen({ target: dockerTarget(), tls })
    const address = `tcp://localhost:${proxy.port}`
    using engine = await DockerEngine.connect(
      { host: dockerHost(address, { DOCKER_CERT_PATH: certificates.folder }), nodeName },
      signal,
    )
    assert.deepEqual(await engine.list(signal), [])
    await assertReadsLogs(engine, signal)

    await using others = await makeCertificates()
    const host = dockerHost(address, { DOCKER_CERT_PATH: others.folder })
    await rejects(DockerEngine.connect({ host, nodeName }, signal), 'unavailable', /certificate/u)
  })

  it('throws unavailable when it breaks in the middle of a call', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const id = await harness.engine.create(containerRequest(harness, { stopSignal: 'SIGTERM' }), signal)
    await harness.engine.start(id, signal)
    const asked = proxy.requests.length
    const stopping = harness.engine.stop(id, 30, signal)
    await proxy.until(() => proxy.requests.length > asked)
    proxy.cut()
    await rejects(stopping, 'unavailable', /^Docker cannot be reached at unix:/u)
  })

  it('gives up a call to a Docker that hangs: when the signal fires, and when its time is over', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, host, proxy } = proxied
    using engine = await DockerEngine.connect({ host, nodeName, requestTimeoutMs: 2000 }, signal)
    proxy.stallAfter(0)
    await rejects(engine.info(signal), 'unavailable', /^Ask Docker about itself: Docker has not answered for 2 s$/u)
    const controller = new AbortController()
    const asked = proxy.requests.length
    const listing = harness.engine.list(controller.signal)
    await proxy.until(() => proxy.requests.length > asked)
    controller.abort()
    await rejects(listing, 'aborted')
    await proxy.until(() => proxy.connections <= 1) // the idle one of the other engine
  })

  it('uses few sockets, however many calls there are', async ({ signal }) => {
    await using proxied = await proxiedDocker()
    const { harness, proxy } = proxied
    const { engine } = harness
    for (let round = 0; round < 50; round++) {
      const cycles = Array.from({ length: 4 }, async () => {
        const id = await engine.create(containerRequest(harness), signal)
        await engine.inspect(id, signal)
        await engine.remove(id, signal)
      })
      await Promise.all(cycles)
    }
    assert.ok(proxy.requests.length >= 600)
    // As many as calls at once, and the idle one of the harness's other node.
    assert.ok(proxy.opened <= 5, `${proxy.opened} connections were opened`)
  })
})

/** Logs come over connections of their own. */
async function assertReadsLogs(engine: DockerEngine, signal: AbortSignal): Promise<void> {
  const id = await engine.create(containerRequest({ nodeName, image: 'busybox:1.36' }), signal)
  try {
    for await (const part of await engine.logs(id, {}, signal)) assert.fail(`It has not run, and wrote ${part.stream}`)
  } finally {
    await engine.remove(id, signal)
  }
}

/** An authority and one certificate of it, for `localhost` and for clients, as `DOCKER_CERT_PATH` has them. */
async function makeCertificates(): Promise<AsyncDisposable & { readonly folder: string }> {
  const folder = await mkdtemp(join(tmpdir(), 'minikubelet-certificates-'))
  const at = (name: string): string => join(folder, name)
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '1']
  const ca = ['-keyout', at('ca-key.pem'), '-out', at('ca.pem'), '-subj', '/CN=test authority']
  await run('openssl', 'req', '-x509', ...key, ...ca)
  const leaf = ['-keyout', at('key.pem'), '-out', at('cert.pem'), '-subj', '/CN=localhost']
  const issued = ['-CA', at('ca.pem'), '-CAkey', at('ca-key.pem'), '-addext', 'subjectAltName=DNS:localhost']
  await run('openssl', 'req', '-x509', ...key, ...leaf, ...issued, '-addext', 'basicConstraints=critical,CA:FALSE')
  return { folder, [Symbol.asyncDispose]: () => rm(folder, { recursive: true }) }
}
