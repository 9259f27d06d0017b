import type { Pod, PodStatus } from '../model/kube.ts'

/** The Pods that the agent knows, static ones included, each with its newest status. */
export interface ServedPods {
  readonly all: () => readonly Pod[]
  /**
   * The Pod of this name; with `uid` only if it is that one. A static Pod is found by its own name and UID, which its
   * mirror in the API server does not have: whoever read the UID there means the static Pod all the same.
   */
  readonly find: (namespace: string, name: string, uid?: string) => Pod | undefined
}

export interface ServedPodsParts {
  readonly pods: () => Iterable<Pod>
  /** What has been worked out last for a Pod; `undefined` where nothing has. */
  readonly status: (uid: string) => PodStatus | undefined
  /** Of a mirror in the API server, the UID of the static Pod behind it; otherwise the UID itself. */
  readonly staticUid: (uid: string) => string
}

export function servedPods({ pods, status, staticUid }: ServedPodsParts): ServedPods {
  const withStatus = (pod: Pod): Pod => ({ ...pod, status: status(pod.metadata.uid) ?? pod.status ?? {} })
  return {
    all: () => [...pods()].map(withStatus),
    find: (namespace, name, uid) => {
      for (const pod of pods()) {
        const { metadata } = pod
        if (metadata.name !== name || metadata.namespace !== namespace) continue
        if (uid === undefined || metadata.uid === uid || metadata.uid === staticUid(uid)) return withStatus(pod)
      }
      return undefined
    },
  }
}
