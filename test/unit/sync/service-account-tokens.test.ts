import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { PodSpec, VolumeSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { told } from './told.ts'

const mountPath = '/var/run/secrets/kubernetes.io/serviceaccount'
const namespaceFile = { path: 'namespace', fieldRef: { fieldPath: 'metadata.namespace' } }
/** As today's API servers add it to every Pod. */
const access: VolumeSpec = {
  name: 'kube-api-access-x',
  projected: {
    defaultMode: 0o644,
    sources: [
      { serviceAccountToken: { path: 'token', expirationSeconds: 3600 } },
      { configMap: { name: 'kube-root-ca.crt', items: [{ key: 'ca.crt', path: 'ca.crt' }] } },
      { downwardAPI: { items: [namespaceFile] } },
    ],
  },
}
/** As those of Kubernetes 1.20 do. */
const legacy: VolumeSpec = { name: 'default-token-x', secret: { secretName: 'default-token-x', defaultMode: 0o644 } }

function mounting(volume: VolumeSpec): Partial<PodSpec> {
  const volumeMounts = [{ name: volume.name, mountPath, readOnly: true }]
  return { volumes: [volume], containers: [aContainer({ volumeMounts })] }
}

/** A node in a cluster whose namespaces have what every namespace has. */
async function aBed(t: Parameters<typeof aNode>[0]): Promise<NodeInMemory> {
  const node = await aNode(t)
  const { objects } = node.server
  objects.put({ kind: 'ConfigMap', namespace: 'default', name: 'kube-root-ca.crt', data: { 'ca.crt': 'certificate' } })
  const data = { token: btoa('old'), 'ca.crt': btoa('certificate'), namespace: btoa('default') }
  objects.put({ kind: 'Secret', namespace: 'default', name: legacy.name, data })
  return node
}

/** What a file of the volume says, of the Pod that is the only one here. */
async function read(node: NodeInMemory, file = 'token', volume = access): Promise<string> {
  const [uid = ''] = await node.folders()
  const plugin = volume.secret === undefined ? 'projected' : 'secret'
  return readFile(join(node.root, 'pods', uid, 'volumes', `kubernetes.io~${plugin}`, volume.name, file), 'utf8')
}

function failedMounts(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((text) => text.includes('FailedMount'))
}

const away = new KubeletError('unavailable', 'no answer')

describe('a Pod with the token of its ServiceAccount', () => {
  it('has it beside the certificate and the namespace, bound to it', async (t) => {
    await using node = await aBed(t)
    const pod = await node.run({ name: 'web', spec: mounting(access) })
    const claims: unknown = JSON.parse(atob((await read(node)).split('.')[1] ?? ''))
    assert.partialDeepStrictEqual(claims, {
      sub: 'system:serviceaccount:default:default',
      'kubernetes.io': { pod: { name: 'web', uid: pod.metadata.uid } },
    })
    assert.equal(await read(node, 'ca.crt'), 'certificate')
    assert.equal(await read(node, 'namespace'), 'default')
    assert.deepEqual(
      node.takeEvents().filter(({ kind }) => kind === 'field-unsupported'),
      [],
    )
  })

  it('has that of a Secret where the API server mounts one', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(legacy) })
    assert.deepEqual(await Promise.all(['token', 'ca.crt', 'namespace'].map((file) => read(node, file, legacy))), [
      'old',
      'certificate',
      'default',
    ])
    assert.equal(node.cluster.count('createToken'), 0)
  })

  it('costs one request more than a plain one, one mount, and one unmounting', async (t) => {
    await using node = await aBed(t)
    // Who comes first in a namespace reads the certificate for all.
    await node.run({ name: 'first', spec: mounting(access) })
    const cost = async (spec: Partial<PodSpec>): Promise<readonly string[]> => {
      node.takeCalls()
      const before = node.cluster.calls.length
      const [mounts, unmounts] = [t.mock.method(node.mounts, 'mount').mock, t.mock.method(node.mounts, 'unmount').mock]
      await node.run({ name: 'web', spec })
      await node.delete('web')
      const calls = node.cluster.calls.slice(before).map(({ method }) => method)
      const mounted = [...mounts.calls.map(() => 'mount'), ...unmounts.calls.map(() => 'unmount')]
      mounts.restore()
      unmounts.restore()
      return [...node.takeCalls(), ...calls, ...mounted].toSorted()
    }
    const plain = await cost({})
    assert.deepEqual(await cost(mounting(access)), [...plain, 'createToken', 'mount', 'unmount'].toSorted())
  })

  it('asks for it while the sandbox is made, and starts that when it is there', async (t) => {
    await using node = await aBed(t)
    const letGo = node.clusterGate.hold('createToken')
    const create = node.engineGate.hold('create')
    await node.run({ name: 'web', spec: mounting(access) })
    assert.equal(node.cluster.count('createToken'), 1)
    create()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 created'])
    letGo()
    await node.settled()
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('is no longer waited for than its token is wanted', async (t) => {
    await using node = await aBed(t)
    node.clusterGate.hold('createToken')
    await node.run({ name: 'web', spec: mounting(access) })
    await node.delete('web')
    assert.equal(node.status('web'), undefined)
    assert.deepEqual(await node.folders(), [])
  })

  it('has another one after another Pod of its name', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(access) })
    const first = await read(node)
    await node.delete('web')
    await node.run({ name: 'web', spec: mounting(access) })
    assert.notEqual(await read(node), first)
  })

  it('gets a new one from a new agent', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(access) })
    const first = await read(node)
    await node.restart()
    assert.notEqual(await read(node), first)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })
})

describe('forty Pods that come at once', () => {
  it('have each a token of its own by one request, and the certificate by one for all', async (t) => {
    await using node = await aBed(t)
    const names = Array.from({ length: 40 }, (_, index) => `web-${index}`)
    for (const name of names) node.server.createPod({ name, nodeName: node.nodeName, spec: mounting(access) })
    await node.advance(10_000)
    assert.ok(names.every((name) => node.status(name)?.phase === 'Running'))
    const uids = await node.folders()
    const folder = (uid: string): string => join(node.root, 'pods', uid, 'volumes/kubernetes.io~projected', access.name)
    const tokens = await Promise.all(uids.map((uid) => readFile(join(folder(uid), 'token'), 'utf8')))
    assert.equal(new Set(tokens).size, 40)
    assert.deepEqual([node.cluster.count('createToken'), node.cluster.count('listObject')], [40, 1])
  })
})

describe('the token of a Pod that runs', () => {
  it('is renewed by itself at 80 % of its life, and until then is as it was', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(access) })
    const first = await read(node)
    await node.advance(2_870_000, 10_000)
    assert.equal(await read(node), first)
    await node.advance(10_000)
    assert.notEqual(await read(node), first)
    assert.equal(node.cluster.count('createToken'), 2)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('stays while the API server is away, is renewed when it comes back, and only the log tells', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(access) })
    const first = await read(node)
    node.clusterGate.refuse('createToken', away)
    await node.advance(2_900_000, 10_000)
    assert.equal(await read(node), first)
    assert.match(node.logged.join('\n'), /A token of ServiceAccount "default\/default": no answer/)
    assert.deepEqual(failedMounts(node), [])
    node.clusterGate.refuse('createToken', undefined)
    await node.advance(20_000)
    assert.notEqual(await read(node), first)
  })

  it('stays even when it has expired, which an event tells, and the Pod runs on', async (t) => {
    await using node = await aBed(t)
    await node.run({ name: 'web', spec: mounting(access) })
    const first = await read(node)
    node.clusterGate.refuse('createToken', away)
    await node.advance(3_610_000, 10_000)
    const [expired = ''] = failedMounts(node)
    assert.match(expired, /failed for volume "kube-api-access-x" : token .* expired and refresh failed: no answer$/)
    assert.equal(await read(node), first)
    assert.equal(statusOf(node).ready, true)
    node.clusterGate.refuse('createToken', undefined)
    await node.advance(130_000, 10_000)
    assert.notEqual(await read(node), first)
  })
})

describe('a Pod whose token can’t be had', () => {
  it('waits in the kubelet’s words, and goes on by itself when there is a ServiceAccount', async (t) => {
    await using node = await aBed(t)
    node.server.tokens.deleteAccount('default', 'default')
    await node.run({ name: 'web', spec: mounting(access) })
    await node.advance(2000, 100)
    const why = 'failed to fetch token: serviceaccounts "default" not found'
    assert.equal(
      failedMounts(node)[0],
      `Warning FailedMount MountVolume.SetUp failed for volume "kube-api-access-x" : ${why}`,
    )
    assert.deepEqual(statusOf(node).state?.waiting, { reason: 'ContainerCreating' })
    node.server.tokens.putAccount('default', 'default')
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is told of a source that this agent does not serve, and of nothing that came of the others', async (t) => {
    await using node = await aBed(t)
    const sources = [
      { serviceAccountToken: { path: 'token' } },
      { clusterTrustBundle: { name: 'roots', path: 'roots.pem' } },
      { podCertificate: { signerName: 'example.org/signer', keyType: 'ED25519', credentialBundlePath: 'bundle.pem' } },
    ]
    await node.run({ name: 'web', spec: mounting({ name: 'access', projected: { sources } }) })
    await node.advance(400)
    const events = told(node.takeEvents())
    for (const field of ['clusterTrustBundle', 'podCertificate']) {
      assert.ok(
        events.some((text) => text.includes('FailedMount') && text.includes(field)),
        field,
      )
      assert.ok(
        events.some((text) => text.includes('UnsupportedField') && text.includes(field)),
        field,
      )
    }
    assert.deepEqual(statusOf(node).state?.waiting, { reason: 'ContainerCreating' })
  })
})
