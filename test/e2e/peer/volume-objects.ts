/** What the Pods with volumes refer to: objects of their namespace, and volumes that are in none. */
const settings = {
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'settings' },
  data: { colour: 'red', 'long.name': '127.0.0.1 localhost\n', gone: 'soon' },
  binaryData: { bytes: 'AAEC/w==' },
}
const passwords = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'passwords' }, stringData: { word: 'sesame' } }

/** What some of them say later: a value changes, a key comes, and one goes. */
export const changedObjects: readonly object[] = [
  { ...settings, data: { colour: 'blue', 'long.name': '127.0.0.1 localhost\n', new: 'here' } },
  { ...passwords, stringData: { word: 'mellon', other: 'too' } },
]

/** The names of the persistent volumes for the node of this name, which are in no namespace. */
export function volumeNames(node: string): readonly string[] {
  return claims.map((claim) => `${node}-${claim}`)
}

const claims = ['claims', 'claims-grouped'].flatMap((pod) => ['host', 'local', 'read'].map((name) => `${pod}-${name}`))

/** What these Pods refer to in their namespace, on the node of this name. */
export function volumeObjects(node: string): readonly object[] {
  return [
    settings,
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'empty' } },
    passwords,
    ...claims.map((name) => ({
      apiVersion: 'v1',
      kind: 'PersistentVolumeClaim',
      metadata: { name },
      spec: { ...asked, volumeName: `${node}-${name}`, resources: { requests: capacity } },
    })),
  ]
}

/** A volume on that node for each of the claims. */
export function persistentVolumes(node: string, folder: string): readonly object[] {
  const hostname = { key: 'kubernetes.io/hostname', operator: 'In', values: [node] }
  const nodeAffinity = { required: { nodeSelectorTerms: [{ matchExpressions: [hostname] }] } }
  return claims.map((name) => {
    const path = `${folder}/volumes/${name}`
    const source = name.endsWith('host') ? { hostPath: { path } } : { local: { path } }
    const claimRef = { namespace: node, name }
    return {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: `${node}-${name}` },
      spec: { ...asked, capacity, claimRef, nodeAffinity, ...source },
    }
  })
}

const asked = { accessModes: ['ReadWriteOnce'], storageClassName: 'none' }
const capacity = { storage: '1Mi' }
