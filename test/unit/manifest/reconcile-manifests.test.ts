import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  reconcileManifests,
  type FoundManifest,
  type KnownManifests,
  type ManifestChange,
} from '../../../src/manifest/reconcile-manifests.ts'
import { webManifest } from './manifests.ts'

/** A folder that is looked at again and again: each look tells the changes in short. */
class Folder {
  #known: KnownManifests = new Map()
  #nowMs = 0

  /** `files` by name; null is a file that cannot be read. */
  look(files: Readonly<Record<string, string | null>>): readonly string[] {
    return this.changes(files).map(inShort)
  }

  changes(files: Readonly<Record<string, string | null>>): readonly ManifestChange[] {
    const found = Object.entries(files).map(([name, text]): FoundManifest => {
      const file = `/manifests/${name}`
      return { file, content: text === null ? { kind: 'unreadable', message: 'EACCES' } : { kind: 'text', text } }
    })
    this.#nowMs += 1_000
    const { changes, known } = reconcileManifests(this.#known, found, { nodeName: 'node-a', nowMs: this.#nowMs })
    this.#known = known
    return changes
  }
}

function inShort(change: ManifestChange): string {
  switch (change.kind) {
    case 'set':
    case 'removed':
      return `${change.kind} ${change.pod.metadata.name} of ${change.file} with ${change.pod.spec.containers[0]?.image ?? ''}`
    case 'invalid':
    case 'warning':
      return `${change.kind} ${change.file}: ${change.message}`
    case 'synced':
      return change.kind
    default:
      return change satisfies never
  }
}

const web = webManifest
const newWeb = webManifest.replace('1.25', '1.26')
const other = webManifest.replace('name: web', 'name: other')
const broken = webManifest.replace('kind: Pod', 'kind: Pad')
const brokenMessage =
  'invalid /manifests/a.yaml: Cannot use the manifest: a.yaml, line 2: kind: must be "Pod", "PodList" or "List", not "Pad": only Pods can be static'

describe('reconcileManifests', () => {
  it('starts the Pods of new files and ends those of files that are gone', () => {
    const folder = new Folder()
    assert.deepEqual(folder.look({ 'a.yaml': web, 'b.yaml': other }), [
      'set web-node-a of /manifests/a.yaml with nginx:1.25',
      'set other-node-a of /manifests/b.yaml with nginx:1.25',
    ])
    assert.deepEqual(folder.look({ 'a.yaml': web, 'b.yaml': other }), [])
    assert.deepEqual(folder.look({ 'b.yaml': other }), ['removed web-node-a of /manifests/a.yaml with nginx:1.25'])
  })

  it('ends the old version of a Pod before it starts the new one', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web, 'b.yaml': other })
    assert.deepEqual(folder.look({ 'a.yaml': newWeb, 'b.yaml': other }), [
      'removed web-node-a of /manifests/a.yaml with nginx:1.25',
      'set web-node-a of /manifests/a.yaml with nginx:1.26',
    ])
  })

  it('touches nothing when only the layout of a file changed', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web })
    assert.deepEqual(folder.look({ 'a.yaml': `# a comment\n${web}` }), [])
  })

  it('tells of the change of a Pod that has a UID of its own', () => {
    const own = (text: string): string => text.replace('name: web', 'name: web\n  uid: my-own')
    const folder = new Folder()
    folder.look({ 'a.yaml': own(web) })
    assert.deepEqual(folder.look({ 'a.yaml': own(newWeb) }), ['set web-node-a of /manifests/a.yaml with nginx:1.26'])
    assert.deepEqual(folder.look({ 'a.yaml': `${own(newWeb)}# a comment\n` }), [])
  })

  it('moves a Pod with its file', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web })
    assert.deepEqual(folder.look({ 'b.yaml': web }), [
      'removed web-node-a of /manifests/a.yaml with nginx:1.25',
      'set web-node-a of /manifests/b.yaml with nginx:1.25',
    ])
  })

  it('lets a Pod run on when its file is broken, and says so once', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web })
    assert.deepEqual(folder.look({ 'a.yaml': broken, 'b.yaml': other }), [
      brokenMessage,
      'set other-node-a of /manifests/b.yaml with nginx:1.25',
    ])
    assert.deepEqual(folder.look({ 'a.yaml': broken, 'b.yaml': other }), [])
    assert.deepEqual(folder.look({ 'a.yaml': web, 'b.yaml': other }), [])
    assert.deepEqual(folder.look({ 'a.yaml': broken, 'b.yaml': other }), [brokenMessage])
    assert.deepEqual(folder.look({ 'a.yaml': newWeb, 'b.yaml': other }), [
      'removed web-node-a of /manifests/a.yaml with nginx:1.25',
      'set web-node-a of /manifests/a.yaml with nginx:1.26',
    ])
  })

  it('ends a Pod whose broken file goes', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web })
    folder.look({ 'a.yaml': broken })
    assert.deepEqual(folder.look({}), ['removed web-node-a of /manifests/a.yaml with nginx:1.25'])
  })

  it('lets a Pod run on when its file can no longer be read', () => {
    const folder = new Folder()
    folder.look({ 'a.yaml': web })
    assert.deepEqual(folder.look({ 'a.yaml': null }), [
      'invalid /manifests/a.yaml: Cannot read the manifest "/manifests/a.yaml": EACCES',
    ])
    assert.deepEqual(folder.look({ 'a.yaml': web }), [])
  })

  it('takes the first of two files with one Pod, and the other when that is gone', () => {
    const folder = new Folder()
    const [refusal, ...others] = folder
      .changes({ 'a.yaml': web, 'b.yaml': newWeb })
      .toReversed()
      .filter(({ kind }) => kind !== 'set')
    assert.equal(refusal?.kind, 'invalid')
    assert.deepEqual([refusal.file, others], ['/manifests/b.yaml', []])
    assert.match(
      refusal.message,
      /^Error validating pod web-node-a_default\([0-9a-f]{32}\) from file due to duplicate pod name "web-node-a", ignoring$/u,
    )
    assert.deepEqual(folder.look({ 'a.yaml': web, 'b.yaml': newWeb }), [])
    assert.deepEqual(folder.look({ 'b.yaml': newWeb }), [
      'removed web-node-a of /manifests/a.yaml with nginx:1.25',
      'set web-node-a of /manifests/b.yaml with nginx:1.26',
    ])
  })

  it('takes nothing from a Pod that runs, be its file the last', () => {
    const folder = new Folder()
    folder.look({ 'b.yaml': web })
    assert.deepEqual(
      folder.changes({ 'a.yaml': newWeb, 'b.yaml': web }).map(({ kind }) => kind),
      ['invalid'],
    )
    assert.deepEqual(folder.look({ 'a.yaml': newWeb, 'b.yaml': newWeb }), [
      'removed web-node-a of /manifests/b.yaml with nginx:1.25',
      'set web-node-a of /manifests/b.yaml with nginx:1.26',
    ])
  })

  it('names the Pod that it refuses', () => {
    const folder = new Folder()
    const changes = folder.changes({ 'a.yaml': web, 'b.yaml': newWeb })
    const refused = changes.flatMap((change) => (change.kind === 'invalid' ? (change.pod ?? []) : []))
    assert.deepEqual(
      refused.map(({ spec }) => spec.containers[0]?.image),
      ['nginx:1.26'],
    )
  })

  it('refuses the second of two Pods with one name in one file', () => {
    const folder = new Folder()
    assert.deepEqual(
      folder.changes({ 'a.yaml': `${web}---\n${newWeb}` }).map(({ kind }) => kind),
      ['invalid', 'set'],
    )
  })

  it('warns once for each version of a file', () => {
    const folder = new Folder()
    const odd = `${web}      colour: red\n`
    const warning = 'warning /manifests/a.yaml: a.yaml, line 9: spec.containers[0].colour: no such field, it is ignored'
    assert.deepEqual(folder.look({ 'a.yaml': odd }), [warning, 'set web-node-a of /manifests/a.yaml with nginx:1.25'])
    assert.deepEqual(folder.look({ 'a.yaml': odd }), [])
    assert.deepEqual(folder.look({ 'a.yaml': `${odd}# again\n` }), [warning])
  })
})
