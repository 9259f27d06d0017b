import { randomUUID } from 'node:crypto'
import { dockerHost, type DockerHost } from '../../../src/engine/connection/docker-host.ts'
import { DockerEngine, type DockerEngineOptions } from '../../../src/engine/docker-engine.ts'
import type { EngineHarness } from '../../contract/engine/harness.ts'

/** The Docker that the tests run on: the one that `hack/docker.sh up` provides. */
export function testDockerHost(): DockerHost {
  const { DOCKER_HOST, DOCKER_CERT_PATH } = process.env
  return dockerHost(undefined, { DOCKER_HOST, DOCKER_CERT_PATH })
}

export interface DockerHarness extends EngineHarness {
  readonly engine: DockerEngine
}

/** Two nodes on Docker that nobody else has; what they leave behind is removed. */
export async function dockerHarness(
  host: DockerHost = testDockerHost(),
  options: Pick<DockerEngineOptions, 'seesHost'> = {},
): Promise<DockerHarness> {
  const { signal } = new AbortController()
  const nodeName = `test-${randomUUID()}`
  const otherNodeName = `${nodeName}-other`
  await using connected = new AsyncDisposableStack()
  const connect = async (name: string): Promise<DockerEngine> => {
    const engine = connected.use(await DockerEngine.connect({ ...options, host, nodeName: name }, signal))
    connected.defer(async () => {
      // That a test has broken its connection it may notice only now.
      const left = await engine.list(signal).catch(() => engine.list(signal))
      for (const { id } of left) await engine.remove(id, signal)
    })
    return engine
  }
  const otherEngine = await connect(otherNodeName)
  const engine = await connect(nodeName)
  const all = connected.move()
  return {
    engine,
    nodeName,
    otherEngine,
    otherNodeName,
    image: 'busybox:1.36',
    [Symbol.asyncDispose]: () => all.disposeAsync(),
  }
}
