/** What a `Cluster` promises about Pods; part of ../cluster.contract.ts. */
import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { WatchEvent } from '../../../src/cluster/listing.ts'
import type { Pod, PodDraft, PodStatus } from '../../../src/model/kube.ts'
import type { NewPod } from '../../fakes/fake-api-server.ts'
import { mirrorPod } from '../../../src/plan/mirror-pod.ts'
import { aPod } from '../../builders/pod.ts'
import type { ClusterHarness } from './harness.ts'
import { byType, keyOf, ready, rejects } from './tools.ts'

export function pods(harness: () => ClusterHarness): void {
  it('says which version the server has', async ({ signal }) => {
    assert.match(await harness().cluster.version(signal), /^v\d+\.\d+\.\d+/)
  })

  it("lists the node's Pods with a position to watch from, and gets one of them", async ({ signal }) => {
    const { cluster, nodeName } = harness()
    const pod = await createPod(harness(), 'listed')
    await createPod(harness(), 'elsewhere', { nodeName: `${nodeName}-other` })
    const list = await cluster.listPods(nodeName, signal)
    assert.deepEqual(
      list.items.map(({ metadata: { namespace, name, uid } }) => ({ namespace, name, uid })),
      [keyOf(pod)],
    )
    assert.match(list.resourceVersion, /^\d+$/)
    const got = await cluster.getPod(pod.metadata.namespace, 'listed', signal)
    assert.deepEqual(got, list.items[0] && { ...list.items[0], apiVersion: got.apiVersion, kind: got.kind })
  })

  it('patches a status: conditions by their type, container statuses as a whole', async ({ signal }) => {
    const { cluster } = harness()
    const pod = await createPod(harness(), 'patched')
    const first = {
      conditions: [ready('False'), { type: 'Initialized', status: 'True' }],
      containerStatuses: [status(0)],
    }
    await cluster.patchPodStatus(keyOf(pod), { phase: 'Running', message: 'soon', ...first }, signal)
    const second = { conditions: [ready('True')], containerStatuses: [status(1)], message: null }
    const patched = await cluster.patchPodStatus(keyOf(pod), second, signal)
    const { phase, message, conditions, containerStatuses } = patched.status ?? {}
    assert.deepEqual(
      { phase, message, conditions: byType(conditions), restarts: containerStatuses?.map((one) => one.restartCount) },
      { phase: 'Running', message: undefined, conditions: { Ready: 'True', Initialized: 'True' }, restarts: [1] },
    )
  })

  it('obeys the directives of a patch: deletion by key and order', async ({ signal }) => {
    const { cluster } = harness()
    const pod = await createPod(harness(), 'directed')
    await cluster.patchPodStatus(keyOf(pod), { podIP: '10.1.0.1', podIPs: [{ ip: '10.1.0.1' }] }, signal)
    const patch = {
      podIP: '10.1.0.2',
      '$setElementOrder/podIPs': [{ ip: '10.1.0.2' }],
      podIPs: [{ ip: '10.1.0.2' }, { ip: '10.1.0.1', $patch: 'delete' }],
    }
    const { podIP, podIPs } = (await cluster.patchPodStatus(keyOf(pod), patch, signal)).status ?? {}
    assert.deepEqual({ podIP, podIPs }, { podIP: '10.1.0.2', podIPs: [{ ip: '10.1.0.2' }] })
  })

  it('gives a Pod another version for a patch that changes it, and none for one that does not', async ({ signal }) => {
    const { cluster } = harness()
    const pod = await createPod(harness(), 'versioned')
    const changed = await cluster.patchPodStatus(keyOf(pod), { reason: 'Because' }, signal)
    assert.notEqual(changed.metadata.resourceVersion, pod.metadata.resourceVersion)
    const same = await cluster.patchPodStatus(keyOf(pod), { reason: 'Because' }, signal)
    assert.equal(same.metadata.resourceVersion, changed.metadata.resourceVersion)
  })

  it('refuses to patch another Pod of the same name, and one that is not there', async ({ signal }) => {
    const { cluster, namespace } = harness()
    const pod = await createPod(harness(), 'mistaken')
    const other = { ...keyOf(pod), uid: '00000000-0000-4000-8000-000000000000' }
    await rejects('conflict', cluster.patchPodStatus(other, { reason: 'No' }, signal))
    const absent = { namespace, name: 'absent', uid: other.uid }
    await rejects('not-found', cluster.patchPodStatus(absent, { reason: 'No' }, signal))
    await rejects('not-found', cluster.getPod(namespace, 'absent', signal))
  })

  it('stops at once when the signal has fired', async () => {
    const { cluster, nodeName } = harness()
    await rejects('aborted', cluster.listPods(nodeName, AbortSignal.abort()))
    await rejects('aborted', collect(cluster.watchPods(nodeName, '0', AbortSignal.abort())))
  })
}

export function mirrors(harness: () => ClusterHarness): void {
  it('creates the mirror of a static Pod, once, under a UID of its own', async ({ signal }) => {
    const { cluster, namespace, nodeName } = harness()
    const draft = await aMirror(harness(), 'mirror', signal)
    const created = await cluster.createPod(draft, signal)
    const { metadata, spec, status: first } = created
    assert.notEqual(metadata.uid, staticUid)
    assert.deepEqual(metadata.annotations, draft.metadata.annotations)
    assert.deepEqual(metadata.ownerReferences, draft.metadata.ownerReferences)
    assert.deepEqual([metadata.namespace, spec.nodeName, first?.phase], [namespace, nodeName, 'Pending'])
    await rejects('conflict', cluster.createPod(draft, signal))
    const patched = await cluster.patchPodStatus(keyOf(created), { phase: 'Running' }, signal)
    assert.equal(patched.status?.phase, 'Running')
    await cluster.deletePod(keyOf(created), signal)
    await rejects('not-found', cluster.getPod(namespace, 'mirror', signal))
  })

  it('refuses a Pod that is no mirror, one of another Node, and one without a namespace', async ({ signal }) => {
    const { cluster, namespace } = harness()
    const draft = await aMirror(harness(), 'refused', signal)
    const { annotations: _, ...plain } = draft.metadata
    await rejects('forbidden', cluster.createPod({ ...draft, metadata: plain }, signal))
    const [owner] = draft.metadata.ownerReferences ?? []
    assert.ok(owner !== undefined)
    const ownerReferences = [{ ...owner, uid: '00000000-0000-4000-8000-000000000000' }]
    await rejects(
      'forbidden',
      cluster.createPod({ ...draft, metadata: { ...draft.metadata, ownerReferences } }, signal),
    )
    const absent = { ...draft.metadata, namespace: `${namespace}-absent` }
    await rejects('not-found', cluster.createPod({ ...draft, metadata: absent }, signal))
    await rejects('not-found', cluster.getPod(namespace, 'refused', signal))
  })
}

export function deletion(harness: () => ClusterHarness): void {
  it('marks a running Pod that a user deletes, and removes it when the agent does', async ({ signal }) => {
    const { cluster, admin, namespace } = harness()
    const pod = await createPod(harness(), 'graceful')
    await admin.deletePod(pod, 20)
    const marked = await cluster.getPod(namespace, 'graceful', signal)
    assert.equal(marked.metadata.deletionGracePeriodSeconds, 20)
    assert.match(marked.metadata.deletionTimestamp ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    await cluster.deletePod(keyOf(pod), signal)
    await rejects('not-found', cluster.getPod(namespace, 'graceful', signal))
    await rejects('not-found', cluster.deletePod(keyOf(pod), signal))
  })

  it('lets a second deletion shorten the grace, never lengthen it', async ({ signal }) => {
    const { cluster, admin, namespace } = harness()
    const pod = await createPod(harness(), 'hurried')
    const graceAfter = async (seconds?: number): Promise<number | undefined> => {
      await admin.deletePod(pod, seconds)
      return (await cluster.getPod(namespace, 'hurried', signal)).metadata.deletionGracePeriodSeconds
    }
    assert.deepEqual([await graceAfter(), await graceAfter(15), await graceAfter(25)], [30, 15, 15])
  })

  it('keeps a Pod with finalizers until they are gone', async ({ signal }) => {
    const { cluster, admin, namespace } = harness()
    const pod = await createPod(harness(), 'held', { metadata: { finalizers: ['example.org/hold'] } })
    await cluster.deletePod(keyOf(pod), signal)
    const held = await cluster.getPod(namespace, 'held', signal)
    assert.equal(held.metadata.deletionGracePeriodSeconds, 0)
    await admin.updatePod(pod, { metadata: { finalizers: null } })
    await rejects('not-found', cluster.getPod(namespace, 'held', signal))
  })

  it('refuses to delete another Pod of the same name', async ({ signal }) => {
    const { cluster, namespace } = harness()
    const pod = await createPod(harness(), 'spared')
    const other = { ...keyOf(pod), uid: '00000000-0000-4000-8000-000000000000' }
    await rejects('conflict', cluster.deletePod(other, signal))
    assert.equal((await cluster.getPod(namespace, 'spared', signal)).metadata.deletionTimestamp, undefined)
  })
}

export function watching(harness: () => ClusterHarness): void {
  it('tells what happens after the list to the Pods of the node, and nothing else', async ({ signal }) => {
    const { cluster, nodeName, admin } = harness()
    await createPod(harness(), 'before')
    const { resourceVersion } = await cluster.listPods(nodeName, signal)
    await createPod(harness(), 'elsewhere', { nodeName: `${nodeName}-other` })
    const pod = await createPod(harness(), 'watched')
    await cluster.patchPodStatus(keyOf(pod), { reason: 'Seen' }, signal)
    await admin.deletePod(pod, 0)
    const seen = await take(4, cluster.watchPods(nodeName, resourceVersion, signal))
    assert.deepEqual(
      seen.map((event) => describeEvent(event)),
      ['set watched', 'set watched Seen', 'set watched Seen marked', 'deleted watched Seen marked'],
    )
  })

  it('goes on where it was left', async ({ signal }) => {
    const { cluster, nodeName } = harness()
    const { resourceVersion } = await cluster.listPods(nodeName, signal)
    const first = await createPod(harness(), 'first')
    await createPod(harness(), 'second')
    const [one] = await take(1, cluster.watchPods(nodeName, resourceVersion, signal))
    assert.equal(one && describeEvent(one), 'set first')
    const [two] = await take(1, cluster.watchPods(nodeName, first.metadata.resourceVersion ?? '', signal))
    assert.equal(two && describeEvent(two), 'set second')
  })

  it('ends a watch that waits when the signal fires', async ({ signal }) => {
    const { cluster, nodeName } = harness()
    const { resourceVersion } = await cluster.listPods(nodeName, signal)
    const stop = new AbortController()
    const events = cluster.watchPods(nodeName, resourceVersion, stop.signal)[Symbol.asyncIterator]()
    await createPod(harness(), 'last')
    await events.next()
    const waiting = events.next()
    stop.abort()
    await rejects('aborted', waiting)
  })
}

function createPod(
  { admin, namespace, nodeName }: ClusterHarness,
  name: string,
  change: Partial<NewPod> = {},
): Promise<Pod> {
  return admin.createPod({ name, namespace, nodeName, ...change })
}

const staticUid = '0123456789abcdef0123456789abcdef'

/** The mirror of a static Pod of the harness's node, whose Node object is made if need be. */
async function aMirror(
  { cluster, namespace, nodeName }: ClusterHarness,
  name: string,
  signal: AbortSignal,
): Promise<PodDraft> {
  const node = await cluster
    .createNode({ metadata: { name: nodeName } }, signal)
    .catch(() => cluster.getNode(nodeName, signal))
  const pod = aPod({ metadata: { name, namespace, uid: staticUid }, spec: { nodeName } })
  return mirrorPod(pod, { name: nodeName, uid: node.metadata?.uid ?? '' })
}

function status(restartCount: number): NonNullable<PodStatus['containerStatuses']>[number] {
  return { name: 'main', ready: true, restartCount, image: 'busybox:1.36', imageID: 'docker://sha256:b0b0' }
}

function describeEvent(event: WatchEvent<Pod>): string {
  if (event.kind === 'bookmark') return 'bookmark'
  const { metadata, status: podStatus } = event.object
  const marked = metadata.deletionTimestamp === undefined ? '' : 'marked'
  return [event.kind, metadata.name, podStatus?.reason, marked].filter(Boolean).join(' ')
}

/** The first events of a watch that are not bookmarks. */
async function take(count: number, events: AsyncIterable<WatchEvent<Pod>>): Promise<readonly WatchEvent<Pod>[]> {
  const taken: WatchEvent<Pod>[] = []
  for await (const event of events) {
    if (event.kind !== 'bookmark') taken.push(event)
    if (taken.length === count) break
  }
  return taken
}

async function collect(events: AsyncIterable<WatchEvent<Pod>>): Promise<void> {
  for await (const _ of events) assert.fail('nothing was to come')
}
