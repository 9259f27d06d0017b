import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  changesFromDeleted,
  changesFromList,
  changesFromRewound,
  changesFromSet,
  isOlderVersion,
  type KnownPods,
} from '../../../src/cluster/known-pods.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { aPod } from '../../builders/pod.ts'

function pod(name: string, uid: string, resourceVersion: string): Pod {
  return aPod({ metadata: { name, uid, resourceVersion } })
}

function knowing(...pods: readonly Pod[]): KnownPods {
  return new Map(pods.map((known) => [known.metadata.uid, known]))
}

describe('the changes that a full list brings', () => {
  const known = pod('web', 'uid-1', '10')

  it('are all Pods for one who knows none', () => {
    assert.deepEqual(changesFromList(knowing(), [known]), [{ kind: 'set', pod: known }])
  })

  it('are none for one who knows them as they are', () => {
    assert.deepEqual(changesFromList(knowing(known), [known]), [])
  })

  it('are a removal, with the last that was known, of a Pod that is not in it', () => {
    assert.deepEqual(changesFromList(knowing(known), []), [{ kind: 'removed', pod: known }])
  })

  it('are none of a Pod that is in it and cannot be read, of a server that was put back, too', () => {
    assert.deepEqual(changesFromList(knowing(known), [], ['uid-1']), [])
    assert.deepEqual(changesFromRewound(knowing(known), [], ['uid-1']), [])
  })

  it('are a removal and then a new Pod where the name was given away', () => {
    const successor = pod('web', 'uid-2', '20')
    assert.deepEqual(changesFromList(knowing(known), [successor]), [
      { kind: 'removed', pod: known },
      { kind: 'set', pod: successor },
    ])
  })

  it('never go back to an older version', () => {
    assert.deepEqual(changesFromList(knowing(known), [pod('web', 'uid-1', '9')]), [])
  })
})

describe('the changes that a list brings of a server that was put back', () => {
  it('are whatever is other than it was known, older versions too', () => {
    const [same, newer, lost] = [pod('same', 'uid-1', '5'), pod('web', 'uid-2', '20'), pod('lost', 'uid-3', '20')]
    const older = pod('web', 'uid-2', '10')
    assert.deepEqual(changesFromRewound(knowing(same, newer, lost), [same, older]), [
      { kind: 'removed', pod: lost },
      { kind: 'set', pod: older, isRewound: true },
    ])
  })
})

describe('the change that a watch brings', () => {
  const known = pod('web', 'uid-1', '10')

  it('is the newer version of a Pod', () => {
    const newer = pod('web', 'uid-1', '11')
    assert.deepEqual(changesFromSet(knowing(known), newer), [{ kind: 'set', pod: newer }])
  })

  it('is nothing for a version that is known, or older', () => {
    assert.deepEqual(changesFromSet(knowing(known), known), [])
    assert.deepEqual(changesFromSet(knowing(known), pod('web', 'uid-1', '9')), [])
  })

  it('is a removal too where the name was given away while nobody looked', () => {
    const successor = pod('web', 'uid-2', '20')
    const bystander = pod('other', 'uid-3', '5')
    assert.deepEqual(changesFromSet(knowing(known, bystander), successor), [
      { kind: 'removed', pod: known },
      { kind: 'set', pod: successor },
    ])
  })

  it('is a removal with the newest of the Pod when it is deleted, and nothing for a stranger', () => {
    const last = pod('web', 'uid-1', '12')
    assert.deepEqual(changesFromDeleted(knowing(known), last), [{ kind: 'removed', pod: last }])
    assert.deepEqual(changesFromDeleted(knowing(known), pod('web', 'uid-2', '12')), [])
  })
})

describe('the order of versions', () => {
  it('is that of numbers, however long', () => {
    assert.equal(isOlderVersion('9', '10'), true)
    assert.equal(isOlderVersion('10', '9'), false)
    assert.equal(isOlderVersion('10', '10'), false)
    assert.equal(isOlderVersion('9007199254740992', '9007199254740993'), true)
  })

  it('is unknown for what is no number', () => {
    assert.equal(isOlderVersion('', '10'), false)
    assert.equal(isOlderVersion('abc', '10'), false)
    assert.equal(isOlderVersion('5', ''), false)
  })
})
