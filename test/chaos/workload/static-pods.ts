/** Manifests of static Pods, and what Deployments make their Pods of. Pure. */
import { podManifest, shell, staying, untilTold, type PodManifest } from '../../support/test-pod.ts'
import { expectLabel } from './expectation.ts'

const labels = { [expectLabel]: 'ready' }

/** With a sidecar, whose kind an older API server's mirror does not tell. Another version is another Pod. */
export function staticPod(name: string, version: number): PodManifest {
  const sidecar = { ...staying('side'), restartPolicy: 'Always' }
  const manifest = podManifest(name, [shell('main', `: ${version}; ${untilTold}`)], {
    terminationGracePeriodSeconds: 1,
    initContainers: [shell('first', 'exit 0'), sidecar],
  })
  return { ...manifest, metadata: { ...manifest.metadata, labels } }
}

/** A Deployment on one node; its Pods carry its version. */
export function deployment(
  name: string,
  nodeName: string,
  { replicas, version }: { readonly replicas: number; readonly version: number },
): object {
  const { spec } = podManifest(name, [staying('main')], { nodeName, terminationGracePeriodSeconds: 1 })
  const { automountServiceAccountToken: _, ...rest } = spec
  const template = { metadata: { labels: { ...labels, app: name, version: String(version) } }, spec: rest }
  const strategy = { rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: { replicas, selector: { matchLabels: { app: name } }, strategy, template },
  }
}
