import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  imageAccess,
  matchingSecret,
  usedCredentials,
  withCredentials,
  type AccessFacts,
  type ImageAccess,
  type UsedCredentials,
} from '../../../../src/credentials/records/image-access.ts'
import type {
  PulledRecord,
  RecordedCredentials,
  RecordedSecret,
} from '../../../../src/credentials/records/pulled-record.ts'

const image = 'registry.test/app:1'
const name = 'registry.test/app'
const nowMs = Date.parse('2026-11-21T10:00:00.789Z')

function aSecret(change: Partial<RecordedSecret> = {}): RecordedSecret {
  return { uid: 'u', namespace: 'default', name: 'pull', credentialHash: 'h', ...change }
}

function recorded(change: Partial<RecordedCredentials> = {}): RecordedCredentials {
  return { nodePodsAccessible: false, kubernetesSecrets: [], kubernetesServiceAccounts: [], ...change }
}

function aRecord(...mapping: readonly (readonly [string, RecordedCredentials])[]): PulledRecord {
  return { lastUpdatedTime: '2026-11-20T10:00:00Z', imageRef: 'sha256:aa', credentialMapping: new Map(mapping) }
}

describe('who may use an image that is on the machine', () => {
  const anybody: ImageAccess = { kind: 'anybody' }
  const nobody: ImageAccess = { kind: 'nobody' }
  const open = recorded({ nodePodsAccessible: true })
  const guarded = recorded({ kubernetesSecrets: [aSecret()] })
  const cases: readonly (readonly [what: string, Partial<AccessFacts>, ImageAccess])[] = [
    ['anybody, of one that nobody here has pulled', {}, anybody],
    ['nobody, while it is being pulled', { isBeingPulled: true }, nobody],
    ['anybody, of one that was pulled without a secret', { record: aRecord([name, open]) }, anybody],
    ['whoever has the secret', { record: aRecord([name, guarded]) }, { kind: 'secrets', secrets: [aSecret()] }],
    ['nobody, under another of its names', { record: aRecord(['other.test/app', open]) }, nobody],
    ['nobody, if nobody knows how it was pulled', { record: aRecord() }, nobody],
    ['nobody, if only a service account has it', { record: aRecord([name, recorded()]) }, nobody],
    [
      'anybody, where nothing is verified',
      { record: aRecord([name, guarded]), policy: { name: 'NeverVerify', allowlist: [] } },
      anybody,
    ],
    ['nobody, where all is verified', { policy: { name: 'AlwaysVerify', allowlist: [] } }, nobody],
    [
      'anybody, if it is on the list',
      {
        record: aRecord([name, guarded]),
        policy: { name: 'NeverVerifyAllowlistedImages', allowlist: ['registry.test/*'] },
      },
      anybody,
    ],
  ]
  for (const [what, facts, access] of cases) {
    it(what, () => {
      const policy = { name: 'NeverVerifyPreloadedImages', allowlist: [] } as const
      assert.deepEqual(imageAccess({ policy, image, record: undefined, isBeingPulled: false, ...facts }), access)
    })
  }
})

describe("a Pod's secret", () => {
  const other = aSecret({ uid: 'v', name: 'mine' })
  const changed = aSecret({ credentialHash: 'new' })
  const full = [
    aSecret(),
    ...Array.from({ length: 99 }, (_, index) => aSecret({ uid: `${index}`, credentialHash: `${index}` })),
  ]
  const cases: readonly (readonly [
    what: string,
    known: readonly RecordedSecret[],
    ofPod: readonly RecordedSecret[],
    match: ReturnType<typeof matchingSecret>,
  ])[] = [
    ['is good if it is the one', [aSecret()], [aSecret()], { secret: aSecret(), isNews: false }],
    ['is good if it has the same in it', [aSecret()], [other], { secret: other, isNews: true }],
    ['is good if it is the same, changed since', [aSecret()], [changed], { secret: changed, isNews: true }],
    ['is no good otherwise', [aSecret()], [aSecret({ uid: 'v', credentialHash: 'x' })], undefined],
    [
      'is no good without content to compare',
      [aSecret({ credentialHash: '' })],
      [{ ...other, credentialHash: '' }],
      undefined,
    ],
    [
      'is good if one of several is',
      [aSecret()],
      [aSecret({ uid: 'v', credentialHash: 'x' }), other],
      { secret: other, isNews: true },
    ],
    ['is not written to a record that is full', full, [other], { secret: other, isNews: false }],
    ['is not good for having been so where the record is full', full, [changed], undefined],
  ]
  for (const [what, known, ofPod, match] of cases) it(what, () => assert.deepEqual(matchingSecret(known, ofPod), match))
})

describe('the record after a pull', () => {
  const write = (record: PulledRecord | undefined, used: UsedCredentials): PulledRecord | undefined =>
    withCredentials(record, { image, imageRef: 'sha256:aa', used, nowMs })
  const mappingOf = (record: PulledRecord | undefined, used: UsedCredentials) =>
    [...(write(record, used)?.credentialMapping ?? [])].find(([key]) => key === name)?.[1]
  const secret = (one: RecordedSecret): UsedCredentials => ({ kind: 'secret', secret: one })
  const open = recorded({ nodePodsAccessible: true })
  const guarded = recorded({ kubernetesSecrets: [aSecret()] })

  it('is made for an image that has none, with the time and the name alone', () => {
    assert.deepEqual(write(undefined, { kind: 'node' }), {
      lastUpdatedTime: '2026-11-21T10:00:00Z',
      imageRef: 'sha256:aa',
      credentialMapping: new Map([[name, open]]),
    })
  })

  it('says nothing of who may use it if nobody knows how it came', () => {
    assert.deepEqual(write(undefined, { kind: 'unknown' })?.credentialMapping, new Map())
    assert.equal(write(aRecord([name, guarded]), { kind: 'unknown' }), undefined)
  })

  it('keeps what it says of other names', () => {
    const record = write(aRecord(['other.test/app', guarded]), { kind: 'node' })
    assert.deepEqual([...(record?.credentialMapping.keys() ?? [])], ['other.test/app', name])
  })

  it('takes another secret, and the new content of one that it has', () => {
    const earlier = aSecret({ name: 'a', uid: 'v' })
    assert.deepEqual(
      mappingOf(aRecord([name, guarded]), secret(earlier)),
      recorded({ kubernetesSecrets: [earlier, aSecret()] }),
    )
    const changed = aSecret({ credentialHash: 'new' })
    assert.deepEqual(mappingOf(aRecord([name, guarded]), secret(changed)), recorded({ kubernetesSecrets: [changed] }))
  })

  it('needs no secrets any more once it is open, and is not closed again', () => {
    assert.deepEqual(mappingOf(aRecord([name, guarded]), { kind: 'node' }), open)
    assert.equal(write(aRecord([name, open]), secret(aSecret())), undefined)
  })

  it('is not written again where it says so already', () => {
    assert.equal(write(aRecord([name, guarded]), secret(aSecret())), undefined)
    assert.equal(write(aRecord([name, open]), { kind: 'node' }), undefined)
  })
})

it('what was used is the secret that the credentials are from, or the node', () => {
  const credential = { username: 'user', password: 'secret', serverAddress: 'registry.test' }
  assert.deepEqual(usedCredentials(undefined), { kind: 'node' })
  assert.deepEqual(usedCredentials(credential), { kind: 'node' })
  const used = usedCredentials({ ...credential, secret: { uid: 'u', namespace: 'default', name: 'pull' } })
  assert.equal(used.kind, 'secret')
})
