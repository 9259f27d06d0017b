import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { sandboxLabels } from '../../../src/translate/identity.ts'
import { sandboxRequest, type SandboxFacts } from '../../../src/translate/sandbox-request.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const facts: SandboxFacts = {
  nodeName: 'node-1',
  attempt: 2,
  runtime: undefined,
  image: 'minikubelet/pause:1',
  network: 'default',
  clusterDomain: 'cluster.local',
  resolvConf: '/pods/web/etc-resolv.conf',
  cgroupParent: undefined,
}

const request = {
  name: `k8s_POD_web_default_${aPodUid}_2`,
  body: {
    Image: 'minikubelet/pause:1',
    Hostname: 'web',
    ExposedPorts: {},
    Labels: sandboxLabels(aPod(), 'node-1', 2),
    HostConfig: {
      NetworkMode: 'default',
      IpcMode: 'shareable',
      RestartPolicy: { Name: 'no' },
      PortBindings: {},
      Mounts: [{ Type: 'bind', Source: '/pods/web/etc-resolv.conf', Target: '/etc/resolv.conf' }],
      CpuShares: 2,
      OomScoreAdj: -998,
      SecurityOpt: ['no-new-privileges'],
    },
  },
}

describe('sandboxRequest', () => {
  it('asks for a container that holds shareable namespaces and is the last to be killed', () => {
    assert.deepEqual(sandboxRequest(aPod(), facts), request)
  })

  it("takes the host's network and hostname for a Pod on the host's network", () => {
    const { Hostname: _, ...body } = request.body
    assert.deepEqual(sandboxRequest(aPod({ spec: { hostNetwork: true } }), facts), {
      ...request,
      body: { ...body, HostConfig: { ...body.HostConfig, NetworkMode: 'host' } },
    })
  })

  it("is put in the network that the Pods have, if it is not on the host's", () => {
    const networkOf = (spec: object) =>
      sandboxRequest(aPod({ spec }), { ...facts, network: 'pods' }).body.HostConfig.NetworkMode
    assert.deepEqual([networkOf({}), networkOf({ hostNetwork: true })], ['pods', 'host'])
  })

  it("publishes the containers' host ports", () => {
    const containers = [aContainer({ ports: [{ containerPort: 80, hostPort: 8080 }, { containerPort: 81 }] })]
    const { body } = sandboxRequest(aPod({ spec: { containers } }), facts)
    assert.deepEqual(body, {
      ...request.body,
      ExposedPorts: { '80/tcp': {} },
      HostConfig: { ...request.body.HostConfig, PortBindings: { '80/tcp': [{ HostIp: '', HostPort: '8080' }] } },
    })
  })

  it("takes the spec's hostname", () => {
    assert.equal(sandboxRequest(aPod({ spec: { hostname: 'db-0' } }), facts).body.Hostname, 'db-0')
  })

  it('refuses a hostname that is none, but not on the host network', () => {
    assert.throws(() => sandboxRequest(aPod({ spec: { hostname: 'No' } }), facts), { code: 'invalid' })
    assert.doesNotThrow(() => sandboxRequest(aPod({ spec: { hostname: 'No', hostNetwork: true } }), facts))
  })

  it("is run by the OCI runtime of the Pod's class, and by Docker's default where that means Docker itself", () => {
    const runBy = (runtime: SandboxFacts['runtime']) => sandboxRequest(aPod(), { ...facts, runtime }).body.HostConfig
    const { HostConfig } = request.body
    assert.deepEqual(runBy({ handler: 'kata', runtime: 'kata' }), { ...HostConfig, Runtime: 'kata' })
    assert.deepEqual(runBy({ handler: 'docker', runtime: undefined }), HostConfig)
  })

  it("runs as the Pod's user, with what its security context says of the sandbox", () => {
    const securityContext = { runAsUser: 1000, fsGroup: 2000 }
    const { body } = sandboxRequest(aPod({ spec: { securityContext } }), facts)
    const HostConfig = { ...request.body.HostConfig, GroupAdd: ['2000'] }
    assert.deepEqual(body, { ...request.body, User: '1000', HostConfig })
  })

  it('names the class of a Pod that asks for users of its own', () => {
    const asking = aPod({ spec: { hostUsers: false } })
    const runtime = { handler: 'kata', runtime: 'kata' }
    assert.throws(() => sandboxRequest(asking, { ...facts, runtime }), /RuntimeClass handler "kata" does not support/u)
  })

  it('leaves the resolver to Docker where nothing is said of it', () => {
    const { Mounts: _, ...HostConfig } = request.body.HostConfig
    const without = sandboxRequest(aPod(), { ...facts, resolvConf: undefined })
    assert.deepEqual(without.body, { ...request.body, HostConfig })
  })
})
