import { setTimeout as delay } from 'node:timers/promises'
import type { ChaosBed, Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

interface PodObject {
  readonly metadata: {
    readonly name: string
    readonly namespace: string
    readonly annotations?: Readonly<Record<string, string>>
  }
}

const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Objects of the API server go that the agent has made, or that it does not hear of. */
export const lostObjects: readonly Fault[] = [
  {
    name: 'lease-deleted',
    inject: async ({ cluster }, _, signal) => {
      await cluster.remove(`/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/${cluster.name}`, signal)
      return mended
    },
  },
  {
    // As of the kubelet: whoever takes a Node away has it back when its agent is started again.
    name: 'node-deleted',
    inject: async ({ agent, cluster }, _, signal) => {
      await cluster.remove(`/api/v1/nodes/${cluster.name}`, signal)
      return {
        [Symbol.asyncDispose]: async () => {
          await agent.stop()
          agent.start()
        },
      }
    },
  },
  {
    name: 'mirror-pods-deleted',
    inject: async (bed, random, signal) => {
      for (const pod of await podsOf(bed, signal)) {
        const isMirror = pod.metadata.annotations?.[mirrorAnnotation] !== undefined
        if (isMirror) await remove(bed, pod, signal, random.chance(0.5) ? 0 : undefined)
      }
      return mended
    },
  },
  {
    name: 'agent-away-while-pods-go',
    phase: 'end',
    inject: async ({ agent, faultMs }, random, signal) => {
      await agent.kill9()
      await delay(random.between(500, 2 * faultMs), undefined, { signal })
      return { [Symbol.asyncDispose]: () => Promise.resolve(agent.start()) }
    },
  },
]

async function podsOf({ cluster }: ChaosBed, signal: AbortSignal): Promise<readonly PodObject[]> {
  const list = await cluster.ask('GET', `${cluster.namespace}/pods`, signal)
  return isPodList(list) ? list.items : []
}

function isPodList(list: unknown): list is { readonly items: readonly PodObject[] } {
  return typeof list === 'object' && list !== null && 'items' in list && Array.isArray(list.items)
}

async function remove(
  { cluster }: ChaosBed,
  { metadata: { name } }: PodObject,
  signal: AbortSignal,
  graceSeconds?: number,
): Promise<void> {
  await cluster.remove(`${cluster.namespace}/pods/${name}`, signal, graceSeconds)
}
