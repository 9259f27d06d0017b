import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMirrorAnnotation, configSourceAnnotation } from '../../../src/model/pod.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { mirrorActions, mirroredUid, type MirrorFacts } from '../../../src/plan/mirror-actions.ts'
import { aPod } from '../../builders/pod.ts'

/** A static Pod; another UID is another version of its manifest. */
function aStaticPod(uid: string, change: Partial<Pod['metadata']> = {}): Pod {
  return aPod({ metadata: { name: 'web-node-1', uid, annotations: { [configSourceAnnotation]: 'file' }, ...change } })
}

function aMirror(hash: string, change: Partial<Pod['metadata']> = {}): Pod {
  const annotations = { [configSourceAnnotation]: 'file', [configMirrorAnnotation]: hash }
  return aPod({ metadata: { name: 'web-node-1', uid: `mirror-${hash}`, annotations, ...change } })
}

const deleted = { deletionTimestamp: '2026-11-21T10:00:30Z', deletionGracePeriodSeconds: 30 }

/** One static Pod that runs, and its mirror. */
const settled: MirrorFacts = {
  staticPods: [aStaticPod('one')],
  mirrors: [aMirror('one')],
  held: new Set(['one']),
  seen: new Set(['one']),
  allRead: true,
}

interface Case {
  readonly what: string
  readonly change: Partial<MirrorFacts>
  /** `create <UID of the static Pod>`, `delete <UID of the mirror>`. */
  readonly actions: readonly string[]
}

const restarted = { staticPods: [], held: new Set<string>(), seen: new Set<string>() }
const cases: readonly Case[] = [
  { what: 'a static Pod that has its mirror needs nothing', change: {}, actions: [] },
  { what: 'a static Pod without mirror gets one', change: { mirrors: [] }, actions: ['create one'] },
  {
    what: 'a static Pod gets its mirror before it runs',
    change: { mirrors: [], held: new Set() },
    actions: ['create one'],
  },
  {
    what: 'the mirror of a namesake in another namespace is not its own',
    change: { mirrors: [aMirror('two', { namespace: 'other' })], held: new Set(['one', 'two']) },
    actions: ['create one'],
  },
  {
    what: 'a mirror that somebody deletes goes at once, for another to come',
    change: { mirrors: [aMirror('one', deleted)] },
    actions: ['delete mirror-one'],
  },
  {
    what: 'a mirror that is deleted with grace 0 already is not deleted again, and holds its name',
    change: { mirrors: [aMirror('one', { ...deleted, deletionGracePeriodSeconds: 0 })] },
    actions: [],
  },
  {
    what: 'the mirror of an older version goes when that has ended',
    change: { staticPods: [aStaticPod('two')], held: new Set(['two']) },
    actions: ['delete mirror-one'],
  },
  {
    what: 'the mirror of an older version stays while that ends',
    change: { staticPods: [aStaticPod('two')] },
    actions: [],
  },
  {
    what: 'the mirror of an older version that somebody deletes stays, too, while that ends',
    change: { staticPods: [aStaticPod('two')], mirrors: [aMirror('one', deleted)] },
    actions: [],
  },
  {
    what: 'an older version goes even if some manifest is broken: this one is not',
    change: { staticPods: [aStaticPod('two')], held: new Set(), seen: new Set(['two']), allRead: false },
    actions: ['delete mirror-one'],
  },
  { what: 'a mirror stays while its Pod, whose manifest is gone, ends', change: { staticPods: [] }, actions: [] },
  {
    what: 'a mirror goes when its Pod, whose manifest is gone, has ended',
    change: { staticPods: [], held: new Set() },
    actions: ['delete mirror-one'],
  },
  {
    what: 'a mirror that an earlier agent left behind goes',
    change: restarted,
    actions: ['delete mirror-one'],
  },
  {
    what: 'a mirror of which nobody knows whether its manifest is there stays',
    change: { ...restarted, allRead: false },
    actions: [],
  },
  {
    what: 'a mirror whose manifest was there and is gone does not wait for those that are broken',
    change: { ...restarted, seen: new Set(['one']), allRead: false },
    actions: ['delete mirror-one'],
  },
  {
    what: 'a mirror that says of nobody whose it is goes',
    change: { mirrors: [aMirror('one'), aMirror('', { name: 'odd', uid: 'mirror-odd' })] },
    actions: ['delete mirror-odd'],
  },
  {
    what: 'each static Pod is looked at by itself',
    change: {
      staticPods: [aStaticPod('one'), aStaticPod('three', { name: 'three-node-1' })],
      mirrors: [aMirror('one', deleted), aMirror('four', { name: 'four-node-1' })],
    },
    actions: ['delete mirror-one', 'delete mirror-four', 'create three'],
  },
]

describe('mirror Pods', () => {
  for (const { what, change, actions } of cases) {
    it(what, () => {
      const described = mirrorActions({ ...settled, ...change }).map((action) =>
        action.kind === 'create' ? `create ${action.staticPod.metadata.uid}` : `delete ${action.mirror.metadata.uid}`,
      )
      assert.deepEqual(described, actions)
    })
  }

  it('name their static Pod by the hash of its manifest', () => {
    assert.deepEqual([mirroredUid(aMirror('one')), mirroredUid(aPod())], ['one', ''])
  })
})
