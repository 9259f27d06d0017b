import assert from 'node:assert/strict'
import { it } from 'node:test'
import { dockerCall, type DockerCallKind } from '../../chaos/bed/docker-calls.ts'

const calls: readonly (readonly [method: string, url: string, kind: DockerCallKind])[] = [
  ['GET', '/version', 'version'],
  ['GET', '/v1.41/info?', 'info'],
  ['GET', '/v1.41/events?filters=%7B%7D', 'events'],
  ['GET', '/v1.41/containers/json?all=true', 'list-containers'],
  ['POST', '/v1.41/containers/create?name=k8s_POD', 'create-container'],
  ['GET', '/v1.41/containers/abc/json?', 'inspect-container'],
  ['POST', '/v1.41/containers/abc/start', 'start-container'],
  ['POST', '/v1.41/containers/abc/stop?t=1', 'stop-container'],
  ['DELETE', '/v1.41/containers/abc?force=true&v=true', 'remove-container'],
  ['GET', '/v1.41/containers/abc/logs?tail=80', 'read-logs'],
  ['POST', '/v1.41/containers/abc/exec', 'exec-create'],
  ['POST', '/v1.41/exec/def/start', 'exec-start'],
  ['GET', '/v1.41/exec/def/json', 'exec-inspect'],
  ['GET', '/v1.41/images/json', 'list-images'],
  ['GET', '/v1.41/images/registry.test%2Fa/b:1/json', 'inspect-image'],
  ['POST', '/v1.41/images/create?fromImage=a', 'pull-image'],
  ['DELETE', '/v1.41/images/sha256:abc', 'remove-image'],
  ['GET', '/v1.41/networks/bridge', 'networks'],
  ['GET', '/v1.41/plugins', 'other'],
]

it('A call to Docker is known by its method and its path, whatever version of the API it names', () => {
  for (const [method, url, kind] of calls) assert.equal(dockerCall(method, url).kind, kind, `${method} ${url}`)
})
