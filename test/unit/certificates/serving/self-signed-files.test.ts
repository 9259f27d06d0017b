import assert from 'node:assert/strict'
import { X509Certificate } from 'node:crypto'
import { mkdtempDisposable, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { readPair } from '../../../../src/certificates/serving/certificate-files.ts'
import { selfSignedFiles } from '../../../../src/certificates/serving/self-signed-files.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { keptLog } from '../../../support/kept-log.ts'

const nowMs = Date.parse('2026-05-01T12:00:00Z')
const dayMs = 86_400_000

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'self-signed-'))
  t.after(() => folder.remove())
  return join(folder.path, 'pki')
}

describe('The self-signed serving certificate', () => {
  it('is made at the first start, for the host, with a key that only its owner may read', async (t) => {
    const folder = await folderOf(t)
    const paths = await selfSignedFiles({ folder, host: 'node-1', nowMs, log: keptLog().log })
    assert.deepEqual(paths, { certificate: join(folder, 'kubelet.crt'), key: join(folder, 'kubelet.key') })
    const { leaf } = await readPair(paths)
    assert.equal(leaf.subject, 'CN=node-1@1777636800')
    assert.equal(leaf.subjectAltName, 'DNS:node-1')
    assert.equal((await stat(paths.key)).mode & 0o777, 0o600)
  })

  it('has the address of a host that is named by it', async (t) => {
    const folder = await folderOf(t)
    const paths = await selfSignedFiles({ folder, host: '10.0.0.7', nowMs, log: keptLog().log })
    assert.equal((await readPair(paths)).leaf.subjectAltName, 'IP Address:10.0.0.7')
  })

  it('is used again at the next start, until it ends', async (t) => {
    const folder = await folderOf(t)
    const made = async (atMs: number): Promise<string> => {
      const { certificate } = await selfSignedFiles({ folder, host: 'node-1', nowMs: atMs, log: keptLog().log })
      return readFile(certificate, 'utf8')
    }
    const first = await made(nowMs)
    assert.equal(await made(nowMs + 364 * dayMs), first)
    const later = await made(nowMs + 366 * dayMs)
    assert.equal(new X509Certificate(later).subject, `CN=node-1@${(nowMs + 366 * dayMs) / 1000}`)
  })

  it('is made anew where a start was killed before both files were written, and where somebody broke one', async (t) => {
    const folder = await folderOf(t)
    const options = { folder, host: 'node-1', nowMs, log: keptLog().log }
    const paths = await selfSignedFiles(options)
    await rm(paths.certificate)
    await selfSignedFiles(options)
    await readPair(paths)
    await writeFile(paths.key, 'nonsense')
    await selfSignedFiles(options)
    await readPair(paths)
  })

  it('is refused where it cannot be written, with the flag that helps', async (t) => {
    const folder = await folderOf(t)
    await writeFile(folder, 'a file')
    await assert.rejects(selfSignedFiles({ folder, host: 'node-1', nowMs, log: keptLog().log }), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.match(error.message, /choose another --cert-dir$/u)
      return true
    })
  })
})
