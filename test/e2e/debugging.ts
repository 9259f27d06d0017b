import type { EphemeralContainerSpec, Pod } from '../../src/model/kube.ts'
import { SpareApiServer } from '../integration/spare-api-server.ts'
import type { TestNode } from '../support/test-node.ts'

/** The first release that serves ephemeral containers without being told to. */
const firstMinor = 23

/**
 * Adds ephemeral containers to Pods, as kubectl debug does. API servers that only do that behind a feature gate get one
 * beside them that has it: what it writes the others keep.
 */
export class Debugger implements AsyncDisposable {
  readonly #node: TestNode
  readonly #spare: SpareApiServer | undefined

  private constructor(node: TestNode, spare: SpareApiServer | undefined) {
    this.#node = node
    this.#spare = spare
  }

  static async start(node: TestNode): Promise<Debugger> {
    if ((await node.kubectl.serverMinor()) >= firstMinor) return new Debugger(node, undefined)
    const spare = await SpareApiServer.make('--feature-gates=EphemeralContainers=true')
    await spare.start()
    return new Debugger(node, spare)
  }

  /** kubectl, at an API server that lets ephemeral containers be added and talked with. */
  get command(): readonly string[] {
    return [...this.#node.kubectl.command, ...(this.#spare === undefined ? [] : [server(this.#spare)])]
  }

  async add(name: string, container: EphemeralContainerSpec): Promise<void> {
    const { kubectl } = this.#node
    const ephemeralContainers = [{ image: 'busybox:1.36', imagePullPolicy: 'IfNotPresent', ...container }]
    const path = `/api/v1/namespaces/${kubectl.namespace}/pods/${name}/ephemeralcontainers`
    if (this.#spare !== undefined) {
      const object = { apiVersion: 'v1', kind: 'EphemeralContainers', metadata: { name }, ephemeralContainers }
      await kubectl.feed('replace', object, server(this.#spare), '--raw', path)
      return
    }
    const pod = await kubectl.get<Pod>('pod', name)
    await kubectl.feed('replace', { ...pod, spec: { ...pod.spec, ephemeralContainers } }, '--raw', path)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#spare?.stop()
  }
}

function server({ port }: SpareApiServer): string {
  return `--server=https://127.0.0.1:${port}`
}
