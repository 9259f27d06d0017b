import assert from 'node:assert/strict'
import { it } from 'node:test'
import { apiCall, type ApiCallKind } from '../../chaos/faults/api/api-calls.ts'

const calls: readonly (readonly [method: string, path: string, kind: ApiCallKind])[] = [
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn&limit=500', 'list-pods'],
  ['GET', '/api/v1/pods?fieldSelector=spec.nodeName%3Dn&resourceVersion=7&watch=true&timeoutSeconds=30', 'watch-pods'],
  ['GET', '/api/v1/namespaces/default/pods/web', 'get-pod'],
  ['PATCH', '/api/v1/namespaces/default/pods/web/status', 'patch-pod-status'],
  ['POST', '/api/v1/namespaces/default/pods', 'create-pod'],
  ['DELETE', '/api/v1/namespaces/default/pods/web', 'delete-pod'],
  ['GET', '/api/v1/services?limit=500', 'list-objects'],
  ['GET', '/api/v1/namespaces/default/secrets?fieldSelector=metadata.name%3Da&limit=500', 'list-objects'],
  ['GET', '/api/v1/services?resourceVersion=7&watch=true', 'watch-objects'],
  ['GET', '/api/v1/nodes/n', 'node'],
  ['PATCH', '/api/v1/nodes/n/status', 'node'],
  ['PUT', '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases/n', 'lease'],
  ['POST', '/api/v1/namespaces/default/events', 'event'],
  ['GET', '/version', 'other'],
]

it('A request to the API server is known by its method and its path', () => {
  for (const [method, path, kind] of calls) assert.equal(apiCall(method, path).kind, kind, `${method} ${path}`)
})
