import assert from 'node:assert/strict'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { removeServingFiles } from '../../../../src/certificates/serving/remove-serving-files.ts'

function folderWith(t: TestContext, ...names: readonly string[]): string {
  const made = mkdtempSync(join(tmpdir(), 'minikubelet-pki-'))
  t.after(() => rmSync(made, { recursive: true, force: true }))
  const folder = join(made, 'pki')
  mkdirSync(folder)
  for (const name of names) writeFileSync(join(folder, name), '')
  return folder
}

describe('The certificates of a port that is no more', () => {
  it('are removed with their folder', async (t) => {
    const folder = folderWith(t, 'kubelet.crt', 'kubelet.key', 'kubelet-server-2026-11-28-03-00-00.pem')
    symlinkSync('kubelet-server-2026-11-28-03-00-00.pem', join(folder, 'kubelet-server-current.pem'))
    await removeServingFiles(folder)
    assert.equal(existsSync(folder), false)
  })

  it('leave the identity of the node, and what is not the agent’s', async (t) => {
    const folder = folderWith(t, 'kubelet.crt', 'kubelet-client-current.pem', 'ca.crt')
    await removeServingFiles(folder)
    assert.deepEqual(readdirSync(folder).toSorted(), ['ca.crt', 'kubelet-client-current.pem'])
  })

  it('need not be there', async (t) => {
    await assert.doesNotReject(removeServingFiles(join(folderWith(t), 'none')))
  })
})
