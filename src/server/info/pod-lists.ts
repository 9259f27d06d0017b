/** The Pods that the agent knows, and those that run, as lists of the API. */
import type { Pod } from '../../model/kube.ts'
import type { ObservedPod } from '../../model/observed.ts'
import { configSourceAnnotation } from '../../model/pod.ts'

interface PodList<Item> {
  readonly kind: 'PodList'
  readonly apiVersion: 'v1'
  readonly metadata: object
  readonly items: readonly Item[]
}

/** What a runtime knows of a Pod: whose it is and what runs of it. Rule: kubecontainer's Pod.ToAPIPod. */
interface RunningPod {
  readonly metadata: { readonly name: string; readonly namespace: string; readonly uid: string }
  readonly spec: { readonly containers: readonly { readonly name: string; readonly image: string }[] }
  readonly status: object
}

/** `/pods`. As from the kubelet, each says where it comes from. */
export function knownPods(pods: readonly Pod[]): PodList<Pod> {
  return podList(
    pods.map((pod) => {
      const { metadata, spec, status } = pod
      const annotations = { [configSourceAnnotation]: 'api', ...metadata.annotations }
      // What a list holds is said once, by the list.
      return { metadata: { ...metadata, annotations }, spec, ...(status !== undefined && { status }) }
    }),
  )
}

/** `/runningpods/`: those of which anything runs, the sandbox alone included. */
export function runningPods(observed: readonly ObservedPod[]): PodList<RunningPod> {
  return podList(
    observed.flatMap(({ uid, sandboxes, containers }): readonly RunningPod[] => {
      const running = [...sandboxes, ...containers].filter(({ state }) => state.phase === 'running')
      const owner = running[0]?.owner
      if (owner === undefined) return []
      return [
        {
          metadata: { name: owner.podName, namespace: owner.podNamespace, uid },
          spec: {
            containers: containers.filter((one) => running.includes(one)).map(({ name, image }) => ({ name, image })),
          },
          status: {},
        },
      ]
    }),
  )
}

function podList<Item>(items: readonly Item[]): PodList<Item> {
  return { kind: 'PodList', apiVersion: 'v1', metadata: {}, items }
}
