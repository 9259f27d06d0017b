import type { Pod, PodSpec } from '../../../../src/model/kube.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { asking } from '../../../builders/admission.ts'
import { aPod } from '../../../builders/pod.ts'
import type { NodeInMemory } from '../../../support/node-in-memory.ts'

/** What has become of these Pods, as the API server has it: `web Failed OutOfcpu`. */
export function ends(node: NodeInMemory, ...names: readonly string[]): readonly string[] {
  return names.map((name) => {
    const { phase, reason } = node.status(name) ?? {}
    return [name, phase, reason].filter((part) => part !== undefined).join(' ')
  })
}

/** One container that asks for so much CPU. */
export function cpu(amount: string, name = 'main'): Pick<PodSpec, 'containers'> {
  return { containers: [asking({ cpu: amount }, { name })] }
}

/** A Pod from a file, by its name. */
export function aStaticPod(name: string, spec: Partial<PodSpec> = {}): Pod {
  return aPod({ metadata: { name, uid: `static-${name}`, annotations: { [configSourceAnnotation]: 'file' } }, spec })
}
