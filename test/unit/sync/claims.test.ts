import assert from 'node:assert/strict'
import { mkdir } from 'node:fs/promises'
import { describe, it } from 'node:test'
import type { PersistentVolume, PodSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import { statusOf } from './main-container.ts'
import { told } from './told.ts'

/** A Pod whose container mounts what each of these claims stands for, each at a volume of its name. */
function claiming(...names: readonly string[]): Partial<PodSpec> {
  const volumeMounts = names.map((name) => ({ name, mountPath: `/${name}` }))
  const volumes = names.map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))
  return { containers: [aContainer({ volumeMounts })], volumes }
}

function bind({ server: { claims } }: NodeInMemory, name: string, spec: PersistentVolume['spec']): void {
  claims.putClaim({ namespace: 'default', name })
  claims.putVolume({ name: `pv-${name}`, spec })
  claims.bind('default', name, `pv-${name}`)
}

function mountFailures(node: NodeInMemory): readonly string[] {
  return told(node.takeEvents()).filter((text) => text.includes('Mount'))
}

const unprocessed = (unmounted: string, failed: string, message: string): string =>
  `Warning FailedMount Unable to attach or mount volumes: unmounted volumes=[${unmounted}], unattached volumes=[], failed to process volumes=[${failed}]: ${message}`

describe('a Pod with a claim', () => {
  it('runs with the volume that the claim is bound to', async (t) => {
    await using node = await aNode(t)
    bind(node, 'data', { hostPath: { path: node.root } })
    await node.run({ name: 'web', spec: claiming('data') })
    assert.equal(node.status('web')?.phase, 'Running')
    assert.deepEqual(mountFailures(node), [])
  })

  it('waits for a claim that is not bound, and starts by itself soon after it is', async (t) => {
    await using node = await aNode(t)
    node.server.claims.putClaim({ namespace: 'default', name: 'data' })
    await node.run({ name: 'web', spec: claiming('data') })
    await node.advance(60_000, 500)
    assert.deepEqual(statusOf(node).state, { waiting: { reason: 'ContainerCreating' } })
    const failures = mountFailures(node)
    assert.deepEqual(
      [...new Set(failures)],
      [unprocessed('data', 'data', 'error processing PVC default/data: PVC is not bound')],
    )
    // At once, then after 0.5, 1, 2, 4, 8 and 10 seconds, and then every 10.
    assert.equal(failures.length, 10)
    bind(node, 'data', { hostPath: { path: node.root } })
    await node.advance(10_000, 500)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('gets the volume of a container that was added to it while it waited', async (t) => {
    await using node = await aNode(t)
    bind(node, 'data', { hostPath: { path: node.root } })
    const release = node.clusterGate.hold('getClaim')
    const { containers = [], volumes = [] } = claiming('data')
    await node.run({ name: 'web', spec: { containers, volumes: [...volumes, { name: 'scratch', emptyDir: {} }] } })
    const debug = aContainer({ name: 'debug', volumeMounts: [{ name: 'scratch', mountPath: '/scratch' }] })
    node.server.updatePod('default', 'web', { spec: { ephemeralContainers: [debug] } })
    await node.settled()
    release()
    await node.settled()
    assert.deepEqual(node.containers.toSorted(), ['debug 0 running', 'main 0 running', 'sandbox 0 running'])
  })

  it('asks for none that it has, whatever else of its volumes is looked at', async (t) => {
    await using node = await aNode(t)
    bind(node, 'data', { hostPath: { path: node.root } })
    const { containers = [], volumes = [] } = claiming('data', 'late')
    await node.run({ name: 'web', spec: { containers, volumes } })
    await node.advance(10_000)
    bind(node, 'late', { hostPath: { path: node.root } })
    await node.advance(10_000)
    assert.equal(node.status('web')?.phase, 'Running')
    assert.equal(node.cluster.calls.filter(({ subject }) => subject === 'default/data').length, 1)
  })

  it('is told together of all claims that are not to be had, and of each mount that fails by itself', async (t) => {
    await using node = await aNode(t)
    bind(node, 'wrong', { local: { path: `${node.root}/absent` } })
    bind(node, 'good', { hostPath: { path: node.root } })
    node.server.claims.putClaim({ namespace: 'default', name: 'pending' })
    await node.run({ name: 'web', spec: claiming('pending', 'wrong', 'good', 'missing') })
    const missing =
      'error processing PVC default/missing: failed to fetch PVC from API server: persistentvolumeclaims "missing" not found'
    assert.deepEqual(mountFailures(node).toSorted(), [
      `Warning FailedMount MountVolume.NewMounter initialization failed for volume "pv-wrong" : path "${node.root}/absent" does not exist`,
      unprocessed(
        'missing pending wrong',
        'missing pending',
        `error processing PVC default/pending: PVC is not bound; ${missing}`,
      ),
    ])
    await mkdir(`${node.root}/absent`)
    bind(node, 'pending', { hostPath: { path: node.root } })
    bind(node, 'missing', { hostPath: { path: node.root } })
    await node.advance(1000, 500)
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('is told when others have the volume for another group', async (t) => {
    await using node = await aNode(t)
    const path = `${node.root}/disk`
    await mkdir(path)
    bind(node, 'data', { local: { path } })
    await node.run({ name: 'one', spec: { ...claiming('data'), securityContext: { fsGroup: 1234 } } })
    node.takeEvents()
    await node.run({ name: 'two', spec: { ...claiming('data'), securityContext: { fsGroup: 4321 } } })
    // Mounts in memory do not change what they show.
    assert.deepEqual(mountFailures(node), [
      'Warning AlreadyMountedVolume The requested fsGroup is 4321, but the volume pv-data has GID 0. The volume may not be shareable.',
    ])
    assert.equal(node.status('two')?.phase, 'Running')
  })

  it('is refused what only a driver can mount, by name, and nobody else suffers', async (t) => {
    await using node = await aNode(t)
    const spec: PersistentVolume['spec'] & { readonly csi: object } = { csi: { driver: 'disk.example.com' } }
    bind(node, 'data', spec)
    await node.run({ name: 'web', spec: claiming('data') })
    await node.run({ name: 'other' })
    assert.deepEqual(mountFailures(node), [
      'Warning FailedMount MountVolume.SetUp failed for volume "pv-data" : minikubelet does not support a PersistentVolume of type csi (driver "disk.example.com")',
    ])
    await node.advance(5000)
    const [status] = node.status('web')?.containerStatuses ?? []
    assert.deepEqual(status?.state, { waiting: { reason: 'ContainerCreating' } })
    assert.equal(node.status('other')?.phase, 'Running')
    await node.delete('web')
    assert.equal(node.server.pod('default', 'web'), undefined)
  })
})
