import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readManifest } from '../../../src/manifest/read-manifest.ts'
import { origin, podsOf, webManifest } from './manifests.ts'

function uidOf(text: string, given: Partial<typeof origin> = {}): string {
  const read = readManifest('web.yaml', text, { ...origin, ...given })
  assert.equal(read.kind, 'pods')
  return read.pods.map(({ metadata }) => metadata.uid).join()
}

describe('the UID of a static Pod', () => {
  it('is the same in every version of the agent, or an update would restart every static Pod', () => {
    assert.equal(uidOf(webManifest), '084afea274b97458c1cabd957596268a')
  })

  it('does not depend on layout, comments, the order of fields, or when the file was seen', () => {
    const other =
      '# web\nkind: Pod\napiVersion: v1\nspec: {containers: [{image: "nginx:1.25", name: main}]}\nmetadata: {name: web}\n'
    assert.equal(uidOf(other, { seenAtMs: 0 }), uidOf(webManifest))
  })

  it('is another one with another content, file or node', () => {
    const uids = [
      uidOf(webManifest),
      uidOf(webManifest.replace('1.25', '1.26')),
      uidOf(webManifest, { file: '/manifests/other.yaml' }),
      uidOf(webManifest, { nodeName: 'node-b' }),
    ]
    assert.equal(new Set(uids).size, uids.length)
  })
})

describe('the toleration of a static Pod', () => {
  it('is not added where the Pod has it', () => {
    const text = webManifest.replace('spec:', 'spec:\n  tolerations: [{ effect: NoExecute, operator: Exists }]')
    assert.deepEqual(podsOf(text)[0]?.spec.tolerations, [{ effect: 'NoExecute', operator: 'Exists' }])
  })

  it('is added to narrower ones', () => {
    const text = webManifest.replace('spec:', 'spec:\n  tolerations: [{ key: a, effect: NoExecute, operator: Exists }]')
    assert.deepEqual(podsOf(text)[0]?.spec.tolerations, [
      { key: 'a', effect: 'NoExecute', operator: 'Exists' },
      { effect: 'NoExecute', operator: 'Exists' },
    ])
  })
})
