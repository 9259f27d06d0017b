import { KubeletError } from '../../../src/model/errors.ts'
import type { ContainerSpec, ContainerStatus } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { NodeInMemory } from '../../support/node-in-memory.ts'

/** An image that Docker does not have. */
export const far = 'registry.test/far:1'
export const refused = new KubeletError('not-found', `manifest for ${far} not found: manifest unknown`, { status: 404 })

/** The spec of a Pod with one container, of an image that is not here. */
export function wants(change: Partial<ContainerSpec> = {}): { readonly containers: readonly ContainerSpec[] } {
  return { containers: [aContainer({ image: far, ...change })] }
}

export function stateOf(node: NodeInMemory): ContainerStatus['state'] {
  return node.status('web')?.containerStatuses?.[0]?.state
}

/** What a Pod's only container was seen to wait for by whoever watched, in order. */
export async function waitingReasonsOf(node: NodeInMemory): Promise<readonly string[]> {
  const reasons: string[] = []
  const read = async (): Promise<void> => {
    for await (const event of node.server.watches.read(node.nodeName, 0, new AbortController().signal)) {
      const waiting = event.kind === 'set' ? event.object.status?.containerStatuses?.[0]?.state?.waiting : undefined
      if (waiting?.reason !== undefined && waiting.reason !== reasons.at(-1)) reasons.push(waiting.reason)
    }
  }
  const reading = read()
  node.server.watches.end('quiet')
  await reading
  return reasons
}

/** The calls to Docker that are about images, but for the sandbox's. */
export function imageCalls(node: NodeInMemory): readonly string[] {
  return node.takeCalls().filter((call) => call.includes('Image ') && !call.includes('pause'))
}
