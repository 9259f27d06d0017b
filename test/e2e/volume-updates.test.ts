import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { Pod, PodSpec, VolumeSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying, statusOf, waitsFor } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

type Kind = 'ConfigMap' | 'Secret'

function put(kind: Kind, name: string, text: Readonly<Record<string, string>>, change: object = {}): Promise<string> {
  const content = kind === 'Secret' ? { stringData: text } : { data: text }
  return node.kubectl.feed('apply', { apiVersion: 'v1', kind, metadata: { name }, ...content, ...change })
}

function volumesIn(name: string, volumes: readonly VolumeSpec[], change: Partial<PodSpec> = {}) {
  const volumeMounts = volumes.map((volume) => ({ name: volume.name, mountPath: `/${volume.name}` }))
  return podManifest(name, [staying('main', { volumeMounts })], { volumes, ...change })
}

function running(name: string, volumes: readonly VolumeSpec[], change: Partial<PodSpec> = {}): Promise<Pod> {
  return node.createUntil(volumesIn(name, volumes, change), 'ready', isReady)
}

/** How long the command in the container waits; what is followed by watch is there in a fraction of it. */
const patienceSeconds = 20

/** Waits in the running container until a shell's test holds. */
async function untilSeen(pod: Pod, test: string): Promise<void> {
  const tries = patienceSeconds * 20
  const loop = `i=0; until ${test}; do i=$((i+1)); [ $i -lt ${tries} ] || exit 1; sleep 0.05; done`
  await node.exec(pod, 'main', 'sh', '-c', loop)
}

function failedMounts(name: string): readonly string[] {
  const events = node.events.items.map(({ object }) => object)
  return events
    .filter(({ involvedObject, reason }) => involvedObject.name === name && reason === 'FailedMount')
    .map(({ message = '' }) => message)
}

describe('Volumes of files in Pods that run', { concurrency: 8 }, () => {
  it('follow a ConfigMap and a Secret within seconds, all at once, and the Pod runs on', async () => {
    await put('ConfigMap', 'live', { 'data-1': 'value-1', gone: 'x' })
    await put('Secret', 'live', { pass: 'old' })
    const sources = [{ configMap: { name: 'live' } }, { secret: { name: 'live' } }]
    const pod = await running('live', [
      { name: 'config', configMap: { name: 'live' } },
      { name: 'secret', secret: { secretName: 'live' } },
      { name: 'all', projected: { sources } },
    ])
    await node.kubectl.feed('replace', {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'live' },
      data: { 'data-1': 'value-2', 'data-2': 'value-3' },
    })
    await untilSeen(pod, '[ "$(cat /config/data-1 /config/data-2)" = value-2value-3 ] && [ ! -e /config/gone ]')
    await untilSeen(pod, '[ "$(cat /all/data-1 /all/data-2)" = value-2value-3 ] && [ ! -e /all/gone ]')
    await put('Secret', 'live', { pass: 'new' })
    await untilSeen(pod, '[ "$(cat /secret/pass /all/pass)" = newnew ]')
    assert.equal(statusOf(await node.until('live', 'ready', isReady), 'main').restartCount, 0)
    assert.deepEqual(failedMounts('live'), [])
  })

  it('follow the labels and annotations of their Pod', async () => {
    const items = ['labels', 'annotations'].map((path) => ({ path, fieldRef: { fieldPath: `metadata.${path}` } }))
    const pod = await running('labelled', [{ name: 'podinfo', downwardAPI: { items } }])
    await node.kubectl.run('label', 'pod', 'labelled', 'key3=value3')
    await untilSeen(pod, `grep -q 'key3="value3"' /podinfo/labels`)
    await node.kubectl.run('annotate', 'pod', 'labelled', 'builder=foo "bar"')
    await untilSeen(pod, `grep -q 'builder="foo \\\\"bar\\\\""' /podinfo/annotations`)
    const told = await node.exec(pod, 'main', 'cat', '/podinfo/annotations')
    assert.match(
      told,
      /^kubernetes\.io\/config\.seen="\d{4}-\d\d-\d\dT[\d:.]+Z"\nkubernetes\.io\/config\.source="api"$/mu,
    )
  })

  it('come and go with objects that need not be there', async () => {
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      await put(kind, 'opt-del', { 'data-1': 'value-1' })
      await put(kind, 'opt-upd', { 'data-1': 'value-1' })
    }
    const names = ['opt-del', 'opt-upd', 'opt-create']
    const pod = await running(
      'optional',
      names.flatMap((name): readonly VolumeSpec[] => [
        { name: `c-${name}`, configMap: { name, optional: true } },
        { name: `s-${name}`, secret: { secretName: name, optional: true } },
      ]),
    )
    for (const kind of ['ConfigMap', 'Secret'] as const) {
      await node.kubectl.run('delete', kind, 'opt-del')
      await put(kind, 'opt-upd', { 'data-3': 'value-3' })
      await put(kind, 'opt-create', { 'data-1': 'value-1' })
    }
    for (const prefix of ['c', 's']) {
      await untilSeen(pod, `[ ! -e /${prefix}-opt-del/data-1 ]`)
      await untilSeen(pod, `[ "$(cat /${prefix}-opt-upd/data-3)" = value-3 ]`)
      await untilSeen(pod, `[ "$(cat /${prefix}-opt-create/data-1)" = value-1 ]`)
    }
    assert.deepEqual(failedMounts('optional'), [])
  })

  it('keep what they showed when their object is deleted, tell of it, and follow the one that comes', async () => {
    await put('ConfigMap', 'deleted', { key: 'old' })
    const pod = await running('deleted', [{ name: 'config', configMap: { name: 'deleted' } }])
    await node.kubectl.run('delete', 'configmap', 'deleted')
    const { message } = await node.untilEvent('deleted', 'FailedMount')
    assert.equal(message, 'MountVolume.SetUp failed for volume "config" : configmap "deleted" not found')
    assert.equal(await node.exec(pod, 'main', 'cat', '/config/key'), 'old')
    await put('ConfigMap', 'deleted', { key: 'new' })
    await untilSeen(pod, '[ "$(cat /config/key)" = new ]')
    assert.equal(statusOf(await node.until('deleted', 'ready', isReady), 'main').restartCount, 0)
  })

  it('are waited for when their object or a key of it is missing, and the Pod goes on by itself', async () => {
    await put('Secret', 'keyless', { other: 'x' })
    const items = [{ key: 'wanted', path: 'wanted' }]
    await node.createAll([
      volumesIn('no-object', [{ name: 'config', configMap: { name: 'late' } }]),
      volumesIn('no-key', [{ name: 'secret', secret: { secretName: 'keyless', items } }]),
      volumesIn('no-sources', [
        { name: 'all', projected: { sources: [{ configMap: { name: 'late' } }, { secret: { name: 'late' } }] } },
      ]),
    ])
    const messages = {
      'no-object': 'MountVolume.SetUp failed for volume "config" : configmap "late" not found',
      'no-key': 'MountVolume.SetUp failed for volume "secret" : references non-existent secret key: wanted',
      'no-sources': 'MountVolume.SetUp failed for volume "all" : [configmap "late" not found, secret "late" not found]',
    }
    for (const [name, message] of Object.entries(messages)) {
      await node.untilEvent(name, 'FailedMount', message)
      const pod = await node.until(name, 'waits', waitsFor('main', 'ContainerCreating'))
      assert.deepEqual([pod.status?.phase, pod.status?.podIP], ['Pending', undefined])
    }
    await put('ConfigMap', 'late', { key: 'c' })
    await put('Secret', 'late', { pass: 's' })
    await put('Secret', 'keyless', { wanted: 'w' })
    for (const name of Object.keys(messages)) await node.until(name, 'ready', isReady)
  })

  it('never change for an object that is immutable', async () => {
    await put('ConfigMap', 'fixed', { key: 'old' }, { immutable: true })
    const pod = await running('fixed', [{ name: 'config', configMap: { name: 'fixed' } }])
    await assert.rejects(put('ConfigMap', 'fixed', { key: 'new' }), /immutable/u)
    assert.equal(await node.exec(pod, 'main', 'cat', '/config/key'), 'old')
  })

  it('can’t be written to from inside', async () => {
    await put('ConfigMap', 'read-only', { key: 'old' })
    await put('Secret', 'read-only', { key: 'old' })
    const pod = await running('read-only', [
      { name: 'config', configMap: { name: 'read-only' } },
      { name: 'secret', secret: { secretName: 'read-only' } },
    ])
    const script =
      'for v in config secret; do (echo x >/$v/new) 2>&1; (echo x >/$v/key) 2>&1; rm /$v/key 2>&1; done; true'
    const said = (await node.exec(pod, 'main', 'sh', '-c', script)).split('\n')
    assert.deepEqual(new Set(said.map((line) => line.replace(/^.*: /u, ''))), new Set(['Read-only file system']))
    assert.equal(await node.exec(pod, 'main', 'cat', '/config/key', '/secret/key'), 'oldold')
  })
})
