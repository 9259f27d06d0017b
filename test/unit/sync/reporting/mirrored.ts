/** What the tests of static Pods and their mirrors share. */
import type { Pod } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import type { NodeInMemory } from '../../../support/node-in-memory.ts'

/** Of the static Pod of these tests. */
export const name = 'static-node-1'

/** A Pod from a file; another `version` is another manifest of the same name. */
export function aStaticPod(version: string, change: Partial<Pod['metadata']> = {}): Pod {
  const annotations = { [configSourceAnnotation]: 'file' }
  return aPod({
    metadata: { name, uid: `static-${version}`, annotations, ...change },
    spec: { containers: [aContainer({ name: version })] },
  })
}

/** A static Pod runs, and is shown. Returns its mirror. */
export async function started(node: NodeInMemory): Promise<Pod> {
  await node.manifestsSynced()
  await node.addStatic(aStaticPod('one'))
  return mirrorOn(node)
}

export function mirrorOn(node: NodeInMemory): Pod {
  return node.server.requirePod('default', name)
}

/** The mirror's version and phase; `undefined` when there is none. */
export function shown(node: NodeInMemory): string | undefined {
  const pod = node.server.pod('default', name)
  return pod && `${pod.metadata.annotations?.['kubernetes.io/config.mirror']} ${pod.status?.phase}`
}

/** The Node as the owner of mirror Pods. */
export function ownerOn(node: NodeInMemory): { readonly name: string; readonly uid: string } {
  return { name: 'node-1', uid: node.server.node('node-1')?.metadata?.uid ?? '' }
}
