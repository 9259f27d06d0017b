import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { KubeNode, Pod } from '../../src/model/kube.ts'
import type { LogLine } from '../support/agent.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, isReady, podManifest, shell, staying, statusOf, type PodManifest } from '../support/test-pod.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-e2e-'))
opened.defer(() => rm(folder, { recursive: true }))
const node = await opened.open(TestNode.start(`--pod-manifest-path=${folder}`))

const complaint = 'A static Pod is not shown as it is in the API server'
const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** Writes a manifest into the folder, whole; if it names no namespace its Pod belongs to that of the test. */
async function write({ metadata, ...manifest }: PodManifest): Promise<void> {
  const file = `${metadata.name}.json`
  const unfinished = join(node.folder, file)
  await writeFile(unfinished, JSON.stringify({ ...manifest, metadata: { namespace: node.name, ...metadata } }))
  await rename(unfinished, join(folder, file))
}

/** The name of a static Pod that the manifest calls `name`. */
function named(name: string): string {
  return `${name}-${node.name}`
}

async function shown(name: string): Promise<Pod> {
  return node.until(named(name), 'ready', isReady)
}

function mirrored(pod: Pod): string | undefined {
  return pod.metadata.annotations?.[mirrorAnnotation]
}

describe('A static Pod', { concurrency: 4 }, () => {
  it('is shown by the API server with its status, as one of the Node', async () => {
    await write({ ...podManifest('shown', [staying('main')]), metadata: { name: 'shown', labels: { app: 'shown' } } })
    const pod = await shown('shown')
    const { uid } = (await node.kubectl.get<KubeNode>('node', node.name)).metadata ?? {}
    const { ownerReferences, annotations = {}, labels } = pod.metadata
    assert.deepEqual(ownerReferences, [{ apiVersion: 'v1', kind: 'Node', name: node.name, uid, controller: true }])
    const hash = annotations['kubernetes.io/config.hash']
    assert.match(hash ?? '', /^[0-9a-f]{32}$/u)
    assert.equal(annotations[mirrorAnnotation], hash)
    assert.notEqual(pod.metadata.uid, hash)
    assert.equal(annotations['kubernetes.io/config.source'], 'file')
    assert.match(annotations['kubernetes.io/config.seen'] ?? '', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{9}Z$/u)
    assert.deepEqual(labels, { app: 'shown' })
    assert.equal((await node.exec(pod, 'main', 'hostname')).trim(), named('shown'))
    const row = await node.kubectl.run('get', 'pod', named('shown'), '--no-headers')
    assert.match(row, new RegExp(`^${named('shown')} +1/1 +Running +0 `, 'u'))
  })

  it('is described with its events', async () => {
    await write(podManifest('described', [staying('main')]))
    await shown('described')
    await node.untilEvent(named('described'), 'Started')
    const text = await node.kubectl.run('describe', 'pod', named('described'))
    assert.match(text, new RegExp(`^Controlled By: +Node/${node.name}$`, 'mu'))
    assert.match(text, /^ {2}Normal +Started +.* +kubelet +(spec\.containers\{main\}: )?Container started$/mu)
  })

  it('shows its restarts', async () => {
    await write(podManifest('restarted', [shell('main', 'exit 3')]))
    const pod = await node.until(named('restarted'), 'restarted', (seen) =>
      (seen.status?.containerStatuses ?? []).some(({ restartCount }) => restartCount > 0),
    )
    assert.equal(statusOf(pod, 'main').lastState?.terminated?.exitCode, 3)
  })

  for (const how of [[], ['--grace-period=0', '--force']]) {
    it(`whose mirror is deleted ${how.length > 0 ? 'by force ' : ''}runs on and is shown again`, async () => {
      const name = `deleted-${how.length}`
      await write(podManifest(name, [staying('main')], { terminationGracePeriodSeconds: 600 }))
      const before = await shown(name)
      await node.kubectl.run('delete', 'pod', named(name), '--wait=false', ...how)
      const again = await node.until(
        named(name),
        'ready under another UID',
        (pod) => pod.metadata.uid !== before.metadata.uid && isReady(pod),
      )
      assert.equal(dockerId(again, 'main'), dockerId(before, 'main'))
      assert.equal(statusOf(again, 'main').restartCount, 0)
    })
  }

  it('without its namespace runs, and is shown when that is there', async () => {
    const namespace = `${node.name}-late`
    const manifest = podManifest('late', [staying('main')])
    await write({ ...manifest, metadata: { name: 'late', namespace } })
    await node.agent.logged('container-started', named('late'))
    const isAbout = ({ msg, error }: LogLine): boolean =>
      msg === complaint && JSON.stringify(error).includes(`namespaces \\"${namespace}\\" not found`)
    await node.agent.log.first('a complaint about the namespace', isAbout)
    await node.kubectl.run('create', 'namespace', namespace)
    try {
      using pods = node.kubectl.watch<Pod>(`/api/v1/namespaces/${namespace}/pods`)
      await pods.changes.first('the mirror, ready', ({ object }) => isReady(object))
      assert.equal(node.agent.log.items.filter(isAbout).length, 1)
    } finally {
      await node.kubectl.run('delete', 'namespace', namespace, '--wait=false')
    }
  })

  it('that is written anew is replaced, and so is its mirror', async () => {
    await write(podManifest('changed', [staying('main')]))
    const before = await shown('changed')
    await write(podManifest('changed', [staying('main', { env: [{ name: 'COLOUR', value: 'blue' }] })]))
    const later = await node.until(
      named('changed'),
      'ready in its new version',
      (pod) => mirrored(pod) !== mirrored(before) && isReady(pod),
    )
    assert.notEqual(later.metadata.uid, before.metadata.uid)
    assert.equal((await node.exec(later, 'main', 'sh', '-c', 'echo $COLOUR')).trim(), 'blue')
  })

  it('whose manifest is removed is Running during its grace, and shown until it has ended', async () => {
    const slow = "trap 'sleep 3; exit 0' TERM; sleep 86400 & wait"
    await write(podManifest('removed', [shell('main', slow)], { terminationGracePeriodSeconds: 20 }))
    const before = await shown('removed')
    await rm(join(folder, 'removed.json'))
    await node.agent.logged('container-killing', named('removed'))
    await node.untilGone(named('removed'))
    const versions = node.versions(named('removed'))
    const asked = versions.findIndex(({ metadata }) => metadata.deletionTimestamp !== undefined)
    const last = versions.at(asked === -1 ? -1 : asked)
    assert.ok(last !== undefined)
    assert.equal(last.metadata.uid, before.metadata.uid)
    assert.equal(statusOf(last, 'main').state?.terminated?.exitCode, 0)
    for (const pod of versions.slice(versions.indexOf(before), asked)) {
      if (statusOf(pod, 'main').state?.running !== undefined) assert.equal(pod.status?.phase, 'Running')
    }
    assert.deepEqual(
      (await node.containers()).filter(({ Name }) => Name.includes(named('removed'))),
      [],
    )
  })
})

describe('After kill -9', () => {
  it('static Pods and their mirrors are found as they were; what went meanwhile is put right', async () => {
    const names = ['stays', 'loses', 'goes', 'changes']
    for (const name of names) await write(podManifest(name, [staying('main')]))
    const before = await Promise.all(names.map(shown))
    await node.agent.kill()
    await node.kubectl.run('delete', 'pod', named('loses'), '--grace-period=0', '--force')
    await rm(join(folder, 'goes.json'))
    await write(podManifest('changes', [staying('main', { env: [{ name: 'COLOUR', value: 'red' }] })]))
    node.restartAgent()
    const [stays, loses, , changes] = before
    assert.ok(stays !== undefined && loses !== undefined && changes !== undefined)
    await node.untilGone(named('goes'))
    const shownAgain = await node.until(
      named('loses'),
      'shown again',
      (pod) => pod.metadata.uid !== loses.metadata.uid && isReady(pod),
    )
    assert.equal(dockerId(shownAgain, 'main'), dockerId(loses, 'main'))
    await node.until(named('changes'), 'new', (pod) => mirrored(pod) !== mirrored(changes) && isReady(pod))
    const now = await shown('stays')
    assert.equal(now.metadata.uid, stays.metadata.uid)
    assert.equal(dockerId(now, 'main'), dockerId(stays, 'main'))
  })
})
