import type { PersistentVolumeClaim, PodSpec } from '../../src/model/kube.ts'
import type { TestNode } from '../support/test-node.ts'

/** What else the spec of a PersistentVolume or of a claim says; `annotations` are the object's. */
export type SpecChange = Readonly<Record<string, unknown>>

/** No other test's volume is bound to a claim of this one's, and no other test's claim to a volume of it. */
function common({ name }: TestNode): SpecChange {
  return { storageClassName: name, accessModes: ['ReadWriteOnce'] }
}

/** Volumes are of no namespace: their names begin with the node's. They are removed by `removeVolumes`. */
export function volumeName(node: TestNode, name: string): string {
  return `${node.name}-${name}`
}

/** Makes a volume for the claim of the same name. */
export async function makeVolume(node: TestNode, name: string, spec: SpecChange): Promise<void> {
  // So that the controller binds it as soon as it sees it, and not with its next round.
  const claimRef = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', namespace: node.name, name }
  await makeFreeVolume(node, name, { claimRef, ...spec })
}

/** Makes a volume for any claim that it fits. */
export async function makeFreeVolume(
  node: TestNode,
  name: string,
  { annotations, ...spec }: SpecChange,
): Promise<void> {
  await node.kubectl.feed('create', {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: volumeName(node, name), labels: { node: node.name }, annotations },
    spec: { ...common(node), capacity: { storage: '1Mi' }, persistentVolumeReclaimPolicy: 'Retain', ...spec },
  })
}

/** A directory of the host as a local volume of this node. */
export function local(path: string, nodeName: string): SpecChange {
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values: [nodeName] }]
  return { local: { path }, nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions }] } } }
}

/** Makes a claim for the volume of the same name. */
export async function makeClaim(node: TestNode, name: string, spec: SpecChange = {}): Promise<void> {
  await node.kubectl.feed('create', {
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    metadata: { name },
    spec: {
      ...common(node),
      volumeName: volumeName(node, name),
      resources: { requests: { storage: '1Mi' } },
      ...spec,
    },
  })
}

/** Makes a volume and a claim for it, and waits until they are bound. */
export async function makeBound(node: TestNode, name: string, spec: SpecChange): Promise<void> {
  const claimSpec = 'volumeMode' in spec ? { volumeMode: spec['volumeMode'] } : {}
  await Promise.all([makeVolume(node, name, spec), makeClaim(node, name, claimSpec)])
  using claims = node.kubectl.watch<PersistentVolumeClaim>(
    `/api/v1/namespaces/${node.name}/persistentvolumeclaims`,
    name,
  )
  await claims.changes.first(`claim "${name}" bound`, ({ object }) => object.status?.phase === 'Bound')
}

/** The volume `data` of a Pod, by a claim. */
export function claimed(claimName: string, readOnly = false): Pick<PodSpec, 'volumes'> {
  return { volumes: [{ name: 'data', persistentVolumeClaim: { claimName, readOnly } }] }
}

export async function removeVolumes({ name, kubectl }: TestNode): Promise<void> {
  await kubectl.run('delete', 'pv', '-l', `node=${name}`, '--wait=false')
}
