/**
 * What a connection to a port of a Pod costs, by a child of the agent and by an exec of Docker:
 * `node test/bench/dial-speed.ts`. Needs the Docker of the tests (hack/docker.sh up).
 */
import { once } from 'node:events'
import type { Duplex } from 'node:stream'
import { ensurePauseImage } from '../../src/engine/pause-image.ts'
import { containerRequest, sandboxRequest } from '../contract/engine/requests.ts'
import { dockerHarness, testDockerHost } from '../integration/support/docker-harness.ts'

const rounds = 20
const bytes = 256 * 1024 * 1024
const [echoes, gives, takes] = [47_007, 47_008, 47_009]
const script = [
  `nc -ll -p ${echoes} -e cat &`,
  `nc -ll -p ${gives} -e sh -c 'head -c ${bytes} /dev/zero' &`,
  `nc -ll -p ${takes} -e sh -c 'wc -c' &`,
  'sleep 3600',
].join('\n')
const listening = `until [ $(cat /proc/net/tcp /proc/net/tcp6 | grep -c ' 0A ') -ge 3 ]; do sleep 0.01; done`

if (import.meta.main) {
  for (const seesHost of [true, false]) await measure(seesHost)
}

async function measure(seesHost: boolean): Promise<void> {
  const { signal } = new AbortController()
  await using harness = await dockerHarness(testDockerHost(), { seesHost })
  const { engine } = harness
  const image = await ensurePauseImage(engine, signal)
  const { name, body } = sandboxRequest(harness, { image: image.tags[0] ?? image.id })
  const { Cmd: _, ...held } = body
  const sandbox = await engine.create({ name, body: held }, signal)
  await engine.start(sandbox, signal)
  const host = { NetworkMode: `container:${sandbox}` }
  const server = await engine.create(containerRequest(harness, { command: ['sh', '-c', script], host }), signal)
  await engine.start(server, signal)
  await engine.exec(server, ['sh', '-c', listening], {}, signal)

  const firstBytes: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    const startedAt = performance.now()
    const connection = await engine.dial(sandbox, echoes, signal)
    connection.write('x')
    await once(connection, 'data')
    firstBytes.push(performance.now() - startedAt)
    connection.destroy()
  }
  const median = firstBytes.toSorted((a, b) => a - b)[rounds / 2] ?? 0
  const down = await speed(async () => read(await engine.dial(sandbox, gives, signal)))
  const up = await speed(async () => write(await engine.dial(sandbox, takes, signal)))
  const way = seesHost ? 'child of the agent' : 'exec of Docker'
  console.log(`${way}: first byte ${median.toFixed(1)} ms, from the Pod ${down} MB/s, to the Pod ${up} MB/s`)
}

async function speed(copy: () => Promise<void>): Promise<number> {
  const startedAt = performance.now()
  await copy()
  return Math.round(bytes / 1000 / (performance.now() - startedAt))
}

async function read(connection: Duplex): Promise<void> {
  connection.resume()
  await once(connection, 'end')
  connection.destroy()
}

async function write(connection: Duplex): Promise<void> {
  const chunk = Buffer.alloc(64 * 1024)
  for (let sent = 0; sent < bytes; sent += chunk.length) {
    if (!connection.write(chunk)) await once(connection, 'drain')
  }
  connection.end()
  await once(connection.resume(), 'end')
  connection.destroy()
}
