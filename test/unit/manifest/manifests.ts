import assert from 'node:assert/strict'
import type { Pod } from '../../../src/model/kube.ts'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { validatePod } from '../../../src/manifest/validate/validate-pod.ts'
import { formatFault } from '../../../src/manifest/field-fault.ts'

/** A manifest that has nothing wrong, one line for each field. */
export const webManifest = `apiVersion: v1
kind: Pod
metadata:
  name: web
spec:
  containers:
    - name: main
      image: nginx:1.25
`

export const origin = { nodeName: 'node-a', file: '/manifests/web.yaml', seenAtMs: 1_700_000_000_123 }

/** The Pods of a manifest that must be right. */
export function podsOf(text: string, file = origin.file): readonly Pod[] {
  const read = readManifest('web.yaml', text, { ...origin, file })
  assert.equal(read.kind, 'pods', read.kind === 'invalid' ? read.message : '')
  return read.pods
}

/** The Pod that `webManifest` is. */
export function webPod(): Pod {
  const [pod] = podsOf(webManifest)
  assert.ok(pod)
  return pod
}

type Container = Pod['spec']['containers'][number]

/** What is wrong with the Pod of `webManifest` after a change to its spec. */
export function specFaults(change: Partial<Pod['spec']>): readonly string[] {
  const pod = webPod()
  return validatePod({ ...pod, spec: { ...pod.spec, ...change } }).map(formatFault)
}

/** What is wrong with it after a change to its container. */
export function containerFaults(change: Partial<Container>, spec: Partial<Pod['spec']> = {}): readonly string[] {
  return specFaults({ ...spec, containers: webPod().spec.containers.map((container) => ({ ...container, ...change })) })
}
