import assert from 'node:assert/strict'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { DockerConnection } from '../../src/engine/connection/docker-connection.ts'
import { asObject } from '../../src/engine/docker-json.ts'
import { ensurePauseImage } from '../../src/engine/pause-image.ts'
import { DockerDials } from '../../src/engine/streams/docker-dial.ts'
import { dialling } from '../contract/engine/dialling.ts'
import { rejects } from '../contract/engine/expect.ts'
import { commands, containerRequest, echoPort, execs, sandboxRequest } from '../contract/engine/requests.ts'
import { dockerHarness, testDockerHost } from './support/docker-harness.ts'

/** As an agent has it whose Docker is on another host. */
const fromAfar = () => dockerHarness(testDockerHost(), { seesHost: false })

describe('Reaching the ports of sandboxes by an exec of Docker', { timeout: 120_000 }, () => {
  dialling(fromAfar)

  it('throws unsupported, saying why, for a sandbox of another image that takes no file', async ({ signal }) => {
    await using harness = await fromAfar()
    const { engine } = harness
    const id = await engine.create(sandboxRequest(harness, { host: { ReadonlyRootfs: true } }), signal)
    await engine.start(id, signal)
    await rejects(engine.dial(id, echoPort, signal), 'unsupported', /takes no copy of it: .*read-only/u)
  })
})

describe('Connections to the ports of sandboxes', { timeout: 120_000 }, () => {
  it('are refused when there are too many, until one is closed', async ({ signal }) => {
    await using harness = await dockerHarness()
    const { engine } = harness
    const id = await engine.create(sandboxRequest(harness, { command: commands.echoes }), signal)
    await engine.start(id, signal)
    assert.partialDeepStrictEqual(await engine.exec(id, execs.hears, {}, signal), { exitCode: 0 })
    using connection = await DockerConnection.open({ host: testDockerHost(), requestTimeoutMs: 60_000 }, signal)
    const inspected = await connection.ask({ what: 'Inspect' }, (docker) => docker.getContainer(id).inspect(), signal)
    const dials = new DockerDials(connection, { seesHost: true, mostConnections: 1 })
    const dial = () => dials.dial(id, asObject(inspected, 'container'), echoPort, signal)
    const first = await dial()
    await rejects(dial(), 'throttled', /^Too many connections .* \(1\): close some/u)
    const closed = once(first, 'close')
    first.destroy()
    await closed
    const second = await dial()
    second.destroy()
  })
})

for (const [name, makeHarness] of [
  ['as a child of the agent', () => dockerHarness()],
  ['by an exec of Docker', fromAfar],
] as const) {
  describe(`A port of a Pod whose sandbox is of the pause image, ${name}`, { timeout: 120_000 }, () => {
    for (const network of ['bridge', 'none', 'host']) {
      it(`is reached in Docker's network "${network}"`, async ({ signal }) => {
        await using harness = await makeHarness()
        const { engine } = harness
        const image = await ensurePauseImage(engine, signal)
        const { name: sandboxName, body } = sandboxRequest(harness, { image: image.tags[0] ?? image.id })
        const { Cmd: _, ...held } = body
        const HostConfig = { ...body.HostConfig, NetworkMode: network }
        const sandbox = await engine.create({ name: sandboxName, body: { ...held, HostConfig } }, signal)
        await engine.start(sandbox, signal)
        const host = { NetworkMode: `container:${sandbox}` }
        const container = await engine.create(containerRequest(harness, { command: commands.echoes, host }), signal)
        await engine.start(container, signal)
        assert.partialDeepStrictEqual(await engine.exec(container, execs.hears, {}, signal), { exitCode: 0 })
        const connection = await engine.dial(sandbox, echoPort, signal)
        connection.end('hello')
        assert.equal(await text(connection), 'hello')
      })
    }
  })
}
