import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempDisposable, readdir, readFile, readlink, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CertificateStore } from '../../../src/certificates/certificate-store.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeAuthority } from '../../fakes/fake-authority.ts'
import { issuedPair } from '../../support/issued-pair.ts'
import { opensslWith } from '../../support/openssl.ts'

const nowMs = new Date(2026, 4, 1, 14, 3, 59).getTime()
const authority = new FakeAuthority()

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'certificate-store-'))
  t.after(() => folder.remove())
  return folder.path
}

describe('The store of certificates', () => {
  it('has none before the first', async (t) => {
    const folder = await folderOf(t)
    assert.equal(await new CertificateStore(join(folder, 'pki'), 'kubelet-client').current(), undefined)
  })

  it("keeps certificate and key in the kubelet's files, which only their owner may read", async (t) => {
    const folder = join(await folderOf(t), 'pki')
    const store = new CertificateStore(folder, 'kubelet-client')
    const pair = await issuedPair(authority, nowMs, nowMs + 1000)
    await store.update(pair, nowMs)
    assert.deepEqual((await readdir(folder)).toSorted(), [
      'kubelet-client-2026-05-01-14-03-59.pem',
      'kubelet-client-current.pem',
    ])
    const target = join(folder, 'kubelet-client-2026-05-01-14-03-59.pem')
    assert.equal(await readlink(store.currentPath), target)
    assert.equal((await stat(target)).mode & 0o777, 0o600)
    assert.equal(await readFile(target, 'utf8'), pair.certificatePem + pair.keyPem)
    const pem = await readFile(store.currentPath, 'utf8')
    const subject = await opensslWith({ pem }, ['x509', '-noout', '-subject', '-in', '{pem}'])
    assert.equal(subject, 'subject=O = system:nodes, CN = system:node:node-1\n')
    await opensslWith({ pem }, ['pkey', '-check', '-noout', '-in', '{pem}'])
  })

  it('gives back what was stored last', async (t) => {
    const store = new CertificateStore(await folderOf(t), 'kubelet-server')
    const [first, second] = await Promise.all([
      issuedPair(authority, nowMs, nowMs + 1000),
      issuedPair(authority, nowMs, nowMs + 2000),
    ])
    await store.update(first, nowMs)
    await store.update(second, nowMs + 1000)
    const current = await store.current()
    assert.equal(current?.certificatePem, second.certificatePem)
    assert.equal(current.keyPem, second.keyPem)
    assert.equal(current.leaf.validTo, second.leaf.validTo)
  })

  it('goes on where a kubelet was killed between taking away the old link and renaming the new one', async (t) => {
    const store = new CertificateStore(await folderOf(t), 'kubelet-client')
    const pair = await issuedPair(authority, nowMs, nowMs + 1000)
    await store.update(pair, nowMs)
    await rename(store.currentPath, store.currentPath.replace('current', 'updated'))
    assert.equal((await store.current())?.certificatePem, pair.certificatePem)
  })

  it('is not held up by what an update that was killed left behind', async (t) => {
    const folder = await folderOf(t)
    const store = new CertificateStore(folder, 'kubelet-client')
    const pair = await issuedPair(authority, nowMs, nowMs + 1000)
    await writeFile(join(folder, 'kubelet-client-2026-05-01-14-03-59.pem.tmp'), 'half of i', { mode: 0o644 })
    await symlink('/nowhere', join(folder, 'kubelet-client-updated.pem'))
    await store.update(pair, nowMs)
    assert.equal((await store.current())?.certificatePem, pair.certificatePem)
    assert.equal((await stat(store.currentPath)).mode & 0o777, 0o600)
    assert.equal((await readdir(folder)).length, 2)
  })

  it('replaces no file that is not its own, and keeps none for good that it cannot read', async (t) => {
    const store = new CertificateStore(await folderOf(t), 'kubelet-client')
    await writeFile(store.currentPath, 'nonsense')
    const pair = await issuedPair(authority, nowMs, nowMs + 1000)
    await assert.rejects(store.update(pair, nowMs), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.match(error.message, /^expected ".*kubelet-client-current\.pem" to be a symlink but it is a file/u)
      return true
    })
    await assert.rejects(store.current(), /no PEM block CERTIFICATE/u)
    await rm(store.currentPath)
    await store.update(pair, nowMs)
  })

  it('holds a whole certificate with its key whenever it was killed', { timeout: 60_000 }, async (t) => {
    const folder = await folderOf(t)
    const script = join(import.meta.dirname, 'endless-updates.ts')
    for (let kills = 0; kills < 5; kills += 1) {
      const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
      const ended = once(child, 'close')
      let updates = 0
      // In the midst of one of the next.
      child.stdout.on('data', () => (updates += 1) > kills && child.kill('SIGKILL'))
      await ended
      assert.notEqual(await new CertificateStore(folder, 'kubelet-client').current(), undefined)
    }
  })
})
