/** What a `Cluster` promises about ConfigMaps, Secrets and Services; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { WatchEvent } from '../../../src/cluster/listing.ts'
import type { DataObjectRef, PodSpec, Service } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import type { ClusterHarness } from './harness.ts'
import { onceAllowed, rejects } from './tools.ts'

export function objects(harness: () => ClusterHarness): void {
  it("lists a ConfigMap and a Secret that one of the node's Pods names, as they were made", async ({ signal }) => {
    const { admin } = harness()
    const map = ref(harness(), 'ConfigMap', 'named')
    const secret = ref(harness(), 'Secret', 'named')
    await admin.putObject({ ...map, data: { a: '1' } })
    await admin.putObject({ ...secret, type: 'kubernetes.io/dockercfg', data: { '.dockercfg': 'e30=' } })
    await createPod(harness(), 'reader', { imagePullSecrets: [{ name: 'named' }], ...reads('named') })
    const [readMap] = (await onceAllowed(() => harness().cluster.listObject(map, signal), signal)).items
    const [readSecret] = (await onceAllowed(() => harness().cluster.listObject(secret, signal), signal)).items
    assert.deepEqual([readMap?.metadata.name, readMap?.data], ['named', { a: '1' }])
    assert.deepEqual([readSecret?.type, readSecret?.data], ['kubernetes.io/dockercfg', { '.dockercfg': 'e30=' }])
    for (const object of [readMap, readSecret]) assert.match(object?.metadata.uid ?? '', /./)
  })

  it('lists nothing where one is named and not there, and tells of it when it comes, changes and goes', async ({
    signal,
  }) => {
    const { admin, cluster } = harness()
    const missing = ref(harness(), 'ConfigMap', 'missing')
    const other = ref(harness(), 'ConfigMap', 'other')
    await createPod(harness(), 'hopeful', reads('missing', 'other'))
    const { items, resourceVersion } = await onceAllowed(() => harness().cluster.listObject(missing, signal), signal)
    assert.deepEqual(items, [])
    assert.match(resourceVersion, /^\d+$/)
    await admin.putObject({ ...missing, data: { a: '1' } })
    await admin.putObject({ ...other, data: {} })
    await admin.putObject({ ...missing, data: { a: '2' } })
    await admin.deleteObject(missing)
    const seen = await take(3, cluster.watchObject(missing, resourceVersion, signal))
    assert.deepEqual(
      seen.map((event) => (event.kind === 'bookmark' ? '' : [event.kind, event.object.data])),
      [
        ['set', { a: '1' }],
        ['set', { a: '2' }],
        ['deleted', { a: '2' }],
      ],
    )
  })

  it('may see no other, there or not', async ({ signal }) => {
    const { admin, cluster } = harness()
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      const unnamed = ref(harness(), kind, 'unnamed')
      await admin.putObject({ ...unnamed, data: {} })
      await rejects('forbidden', cluster.listObject(unnamed, signal))
      await rejects('forbidden', cluster.listObject(ref(harness(), kind, 'absent'), signal))
      await rejects('forbidden', take(1, cluster.watchObject(unnamed, '1', signal)))
    }
  })
}

export function services(harness: () => ClusterHarness): void {
  const http = { name: 'http', port: 80, protocol: 'TCP' }

  it('lists the Services of every namespace with what a node needs of them, and tells what changes', async ({
    signal,
  }) => {
    const { admin, cluster, namespace } = harness()
    await admin.putService({ namespace, name: 'web', ports: [http, { name: 'dns', port: 53, protocol: 'UDP' }] })
    await admin.putService({ namespace, name: 'headless', clusterIP: 'None', ports: [{ port: 81, protocol: 'TCP' }] })
    const { items, resourceVersion } = await cluster.listServices(signal)
    const own = items.filter(({ metadata }) => metadata.namespace === namespace)
    const byName = new Map(own.map(({ metadata, spec }) => [metadata.name, spec]))
    assert.deepEqual(byName.get('web')?.ports, [http, { name: 'dns', port: 53, protocol: 'UDP' }])
    assert.match(byName.get('web')?.clusterIP ?? '', /^[\d.]+$/)
    assert.deepEqual(byName.get('headless'), { clusterIP: 'None', ports: [{ port: 81, protocol: 'TCP' }] })
    await admin.putService({ namespace, name: 'late', ports: [http] })
    await admin.deleteService(namespace, 'web')
    const seen = await takeOwn(2, namespace, cluster.watchServices(resourceVersion, signal))
    assert.deepEqual(seen, ['set late', 'deleted web'])
  })
}

export function runtimeClasses(harness: () => ClusterHarness): void {
  it('finds a RuntimeClass by its name, as long as it is there', async ({ signal }) => {
    const { admin, cluster, namespace: name } = harness()
    await rejects('not-found', cluster.getRuntimeClass(name, signal))
    await admin.putRuntimeClass(name, 'kata')
    assert.equal((await cluster.getRuntimeClass(name, signal)).handler, 'kata')
    await admin.deleteRuntimeClass(name)
    await rejects('not-found', cluster.getRuntimeClass(name, signal))
  })
}

function ref({ namespace }: ClusterHarness, kind: DataObjectRef['kind'], name: string): DataObjectRef {
  return { kind, namespace, name }
}

function reads(...names: readonly string[]): Partial<PodSpec> {
  const envFrom = names.map((name) => ({ configMapRef: { name } }))
  return { containers: [aContainer({ envFrom })] }
}

async function createPod(
  { namespace, nodeName, admin }: ClusterHarness,
  name: string,
  spec: Partial<PodSpec>,
): Promise<void> {
  await admin.createPod({ name, namespace, nodeName, spec })
}

/** The first events of a watch that are not bookmarks. */
async function take<T>(count: number, events: AsyncIterable<WatchEvent<T>>): Promise<readonly WatchEvent<T>[]> {
  const taken: WatchEvent<T>[] = []
  for await (const event of events) {
    if (event.kind !== 'bookmark') taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

/** The same of one namespace, in words: Services of others may come and go meanwhile. */
async function takeOwn(
  count: number,
  namespace: string,
  events: AsyncIterable<WatchEvent<Service>>,
): Promise<readonly string[]> {
  const taken: string[] = []
  for await (const event of events) {
    if (event.kind === 'bookmark' || event.object.metadata.namespace !== namespace) continue
    taken.push(`${event.kind} ${event.object.metadata.name}`)
    if (taken.length === count) break
  }
  return taken
}
