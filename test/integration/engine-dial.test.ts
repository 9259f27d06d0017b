import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { ensurePauseImage } from '../../src/engine/pause-image.ts'
import { dialling } from '../contract/engine/dialling.ts'
import { commands, containerRequest, echoPort, execs, sandboxRequest } from '../contract/engine/requests.ts'
import { dockerHarness, testDockerHost } from './support/docker-harness.ts'

/** As an agent has it whose Docker is on another host. */
const fromAfar = () => dockerHarness(testDockerHost(), { seesHost: false })

describe('Reaching the ports of sandboxes by an exec of Docker', { timeout: 120_000 }, () => {
  dialling(fromAfar)
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
