import assert from 'node:assert/strict'
import { mkdir, mkdtempDisposable, rename, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { openCertificateFiles } from '../../../../src/certificates/serving/certificate-files.ts'
import type { KeyPair } from '../../../../src/certificates/key-pair.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeAuthority } from '../../../fakes/fake-authority.ts'
import { Feed } from '../../../support/feed.ts'
import { issuedPair } from '../../../support/issued-pair.ts'
import { keptLog, type LogLine } from '../../../support/kept-log.ts'
import { openssl } from '../../../support/openssl.ts'

const authority = new FakeAuthority()

/** The files of a pair in a folder, and what is told of them. */
async function opened(t: TestContext, folder: string) {
  const paths = { certificate: join(folder, 'tls.crt'), key: join(folder, 'tls.key') }
  const changes = new Feed<string>('Changes of the certificate')
  const { log, lines } = keptLog()
  const files = await openCertificateFiles(paths, log, () => changes.push(files.current().certificatePem))
  t.after(() => files[Symbol.dispose]())
  return {
    files,
    paths,
    lines,
    until: (pair: KeyPair) => changes.first('the new one', (pem) => pem === pair.certificatePem),
  }
}

async function folderWith(t: TestContext, pair: KeyPair): Promise<string> {
  const folder = await mkdtempDisposable(join(tmpdir(), 'certificate-files-'))
  t.after(() => folder.remove())
  await write(folder.path, pair)
  return folder.path
}

async function write(folder: string, pair: KeyPair): Promise<void> {
  await mkdir(folder, { recursive: true })
  await writeFile(join(folder, 'tls.crt'), pair.certificatePem)
  await writeFile(join(folder, 'tls.key'), pair.keyPem)
}

const pair = (): Promise<KeyPair> => issuedPair(authority, Date.now(), Date.now() + 3_600_000)

describe('A serving certificate in files', { timeout: 60_000 }, () => {
  it('is read again when the files are written to', async (t) => {
    const [first, second] = await Promise.all([pair(), pair()])
    const folder = await folderWith(t, first)
    const { files, until } = await opened(t, folder)
    assert.equal(files.current().certificatePem, first.certificatePem)
    await write(folder, second)
    await until(second)
  })

  it('stays in use where OpenSSL does not serve with the next one', async (t) => {
    const first = await pair()
    const folder = await folderWith(t, first)
    const { files, paths, lines } = await opened(t, folder)
    const out = ['-keyout', paths.key, '-out', paths.certificate]
    await openssl(['req', '-x509', '-newkey', 'rsa:1024', '-nodes', '-subj', '/CN=weak', ...out])
    const isTold = ({ fields }: LogLine): boolean => String(fields['reason']).includes('key too small')
    await lines.first('why it is not used', isTold)
    assert.equal(files.current().certificatePem, first.certificatePem)
  })

  it('is read again when others take the place of the files', async (t) => {
    const [first, second] = await Promise.all([pair(), pair()])
    const folder = await folderWith(t, first)
    const { paths, until } = await opened(t, folder)
    await write(join(folder, 'new'), second)
    await rename(join(folder, 'new', 'tls.crt'), paths.certificate)
    await rename(join(folder, 'new', 'tls.key'), paths.key)
    await until(second)
  })

  it('is read again when the link turns that it is reached by, as in a Secret that is mounted', async (t) => {
    const [first, second, third] = await Promise.all([pair(), pair(), pair()])
    const folder = await folderWith(t, first)
    const mounted = join(folder, 'secret')
    await write(join(mounted, '..1'), first)
    await symlink('..1', join(mounted, '..data'))
    for (const name of ['tls.crt', 'tls.key']) await symlink(`..data/${name}`, join(mounted, name))
    const { until } = await opened(t, mounted)
    for (const [name, next] of [
      ['..2', second],
      ['..3', third],
    ] as const) {
      await write(join(mounted, name), next)
      await symlink(name, join(mounted, '..data_tmp'))
      await rename(join(mounted, '..data_tmp'), join(mounted, '..data'))
      await until(next)
    }
  })

  it('is read again when what its link points to is written to, in another folder', async (t) => {
    const [first, second] = await Promise.all([pair(), pair()])
    const folder = await folderWith(t, first)
    const links = join(folder, 'links')
    await mkdir(links)
    for (const name of ['tls.crt', 'tls.key']) await symlink(join(folder, name), join(links, name))
    const { until } = await opened(t, links)
    await write(folder, second)
    await until(second)
  })

  it('stays as it was, with a word about it, while the files hold none', async (t) => {
    const [first, second] = await Promise.all([pair(), pair()])
    const folder = await folderWith(t, first)
    const { files, paths, lines, until } = await opened(t, folder)
    await writeFile(paths.certificate, second.certificatePem)
    await lines.first('a fault', ({ message }) => message.endsWith('the one before it stays in use'))
    assert.equal(files.current().certificatePem, first.certificatePem)
    await writeFile(paths.key, second.keyPem)
    await until(second)
  })

  it('must be there at the start', async (t) => {
    const folder = await folderWith(t, await pair())
    await writeFile(join(folder, 'tls.key'), 'nonsense')
    await assert.rejects(opened(t, folder), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.match(error.message, /--tls-cert-file .*tls\.key": there is no PEM block PRIVATE KEY in it$/u)
      return true
    })
    await assert.rejects(opened(t, join(folder, 'missing')), /open .*missing\/tls\.crt: no such file or directory$/u)
  })
})
