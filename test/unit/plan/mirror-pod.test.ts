import assert from 'node:assert/strict'
import { it } from 'node:test'
import { mirrorPod } from '../../../src/plan/mirror-pod.ts'
import { aPod } from '../../builders/pod.ts'

it('a mirror Pod is the static Pod itself, marked with its hash and owned by the Node', () => {
  const annotations = { 'kubernetes.io/config.source': 'file', 'kubernetes.io/config.hash': 'hash', colour: 'blue' }
  const ownerReferences = [{ apiVersion: 'v1', kind: 'Pod', name: 'other', uid: 'other' }]
  const labels = { app: 'web' }
  const metadata = { name: 'web-node-1', namespace: 'tools', uid: 'hash', labels, annotations, ownerReferences }
  const pod = aPod({ metadata, status: { phase: 'Pending' } })
  assert.deepEqual(mirrorPod(pod, { name: 'node-1', uid: 'uid-of-node-1' }), {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: {
      name: 'web-node-1',
      namespace: 'tools',
      labels,
      annotations: { ...annotations, 'kubernetes.io/config.mirror': 'hash' },
      ownerReferences: [{ apiVersion: 'v1', kind: 'Node', name: 'node-1', uid: 'uid-of-node-1', controller: true }],
    },
    spec: pod.spec,
  })
})
