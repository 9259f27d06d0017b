import type { DataObject, DataObjectRef, Service, ServicePort } from '../../src/model/kube.ts'
import type { EnvironmentFacts } from '../../src/translate/environment/container-environment.ts'
import { dataKey } from '../../src/translate/environment/data-refs.ts'

/** No Services, nothing of the API server and no files; the node's address is 192.0.2.10 and the Pod's 10.1.0.7. */
export function environmentFacts(change: Partial<EnvironmentFacts> = {}): EnvironmentFacts {
  return {
    services: [],
    objects: new Map(),
    fileValues: new Map(),
    hostIps: ['192.0.2.10'],
    podIps: ['10.1.0.7'],
    allocatable: { cpu: '4', memory: '8Gi', 'ephemeral-storage': '10Gi' },
    ...change,
  }
}

export function mapRef(name: string, namespace = 'default'): DataObjectRef {
  return { kind: 'ConfigMap', namespace, name }
}

export function secretRef(name: string, namespace = 'default'): DataObjectRef {
  return { kind: 'Secret', namespace, name }
}

/** A ConfigMap or a Secret with these texts, as an entry of `EnvironmentFacts.objects`. */
export function known(ref: DataObjectRef, texts: Readonly<Record<string, string>>): readonly [string, DataObject] {
  const { kind, namespace, name } = ref
  const encoded = Object.entries(texts).map(([key, text]) => [key, Buffer.from(text).toString('base64')])
  const data: Readonly<Record<string, string>> = kind === 'Secret' ? Object.fromEntries(encoded) : texts
  return [dataKey(ref), { metadata: { namespace, name, uid: `uid-of-${name}` }, data }]
}

export function aService(
  name: string,
  ports: readonly ServicePort[],
  change: { readonly namespace?: string; readonly clusterIP?: string } = {},
): Service {
  const { namespace = 'default', clusterIP = '10.96.0.10' } = change
  return { metadata: { namespace, name, resourceVersion: '1' }, spec: { clusterIP, ports } }
}
