/** Where the objects are on a real API server that an agent lists and watches. */
import type { DataObject, DataObjectRef, Pod, Service } from '../model/kube.ts'
import { decodeDataObject, decodePod, decodeService } from './decode-object.ts'
import type { KubeCollection } from './kube-lists.ts'

/** The Pods of a node. The Node authorizer insists on this selector. */
export function podsOf(nodeName: string): KubeCollection<Pod> {
  const query = { fieldSelector: `spec.nodeName=${nodeName}` }
  const what = `the Pods of node "${nodeName}"`
  return { kind: 'Pod', what, path: '/api/v1/pods', query, decode: decodePod, isWhole: true }
}

/** One object as a list: so it can be watched before it is there. The Node authorizer insists on its name. */
export function objectOf({ kind, namespace, name }: DataObjectRef): KubeCollection<DataObject> {
  const resource = kind === 'ConfigMap' ? 'configmaps' : 'secrets'
  return {
    kind,
    what: `${kind} "${namespace}/${name}"`,
    path: `/api/v1/namespaces/${encodeURIComponent(namespace)}/${resource}`,
    query: { fieldSelector: `metadata.name=${escaped(name)}` },
    decode: decodeDataObject,
  }
}

/**
 * A Pod may name what is no name: as a value of a selector these would mean something
 * (EscapeValue in apimachinery's fields).
 */
function escaped(value: string): string {
  return value.replaceAll(/[\\,=]/gu, String.raw`\$&`)
}

/** Those of all namespaces. */
export const services: KubeCollection<Service> = {
  kind: 'Service',
  what: 'the Services',
  path: '/api/v1/services',
  decode: decodeService,
}
