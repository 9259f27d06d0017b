import assert from 'node:assert/strict'
import { mkdtemp, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { KubeconfigCredentials } from '../../../src/cluster/credentials.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const { signal } = new AbortController()

/** Writes a kubeconfig with this token; JSON is YAML. */
function writeToken(path: string, token: string): Promise<void> {
  return writeUser(path, { token })
}

async function writeUser(path: string, user: object): Promise<void> {
  const kubeconfig = {
    'current-context': 'here',
    contexts: [{ name: 'here', context: { cluster: 'local', user: 'node' } }],
    clusters: [{ name: 'local', cluster: { server: 'https://10.0.0.1:6443' } }],
    users: [{ name: 'node', user }],
  }
  await writeFile(path, JSON.stringify(kubeconfig))
}

async function kubeconfigWith(t: TestContext, token: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
  t.after(() => rm(folder, { recursive: true }))
  const path = join(folder, 'config')
  await writeToken(path, token)
  return path
}

/** A JWT that ends then. */
function endingAt(seconds: number): string {
  return ['{"alg":"none"}', `{"exp":${seconds}}`, ''].map((part) => Buffer.from(part).toString('base64url')).join('.')
}

function onFault(fault: KubeletError): never {
  throw fault
}

describe('credentials', { timeout: 120_000 }, () => {
  it('are resolved once, for all who ask', async (t) => {
    const credentials = new KubeconfigCredentials({ kubeconfig: await kubeconfigWith(t, 'secret'), onFault })
    const [one, other] = await Promise.all([credentials.current(signal), credentials.current(signal)])
    assert.deepEqual(one.headers, { authorization: 'Bearer secret' })
    assert.equal(one, other)
    assert.equal(await credentials.current(signal), one)
  })

  it('carry the fault of the file out of the process that found it', async () => {
    const credentials = new KubeconfigCredentials({ kubeconfig: '/no/config', onFault })
    await assert.rejects(credentials.current(signal), (error) => {
      assert.ok(KubeletError.is(error, 'configuration'))
      assert.match(error.message, /^Cannot read the kubeconfig "\/no\/config" \(--kubeconfig\)/)
      return true
    })
  })

  it('are read again when they are refused, but not more often than every twenty seconds', async (t) => {
    let now = 0
    const kubeconfig = await kubeconfigWith(t, 'old')
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault, now: () => now })
    const old = await credentials.current(signal)
    await writeToken(kubeconfig, 'new')
    assert.equal(await credentials.renewed(signal), old)
    now = 20_000
    const renewed = await credentials.renewed(signal)
    assert.deepEqual(renewed.headers, { authorization: 'Bearer new' })
    assert.equal(await credentials.current(signal), renewed)
  })

  it('are read again when a file changes that the kubeconfig names, and whoever wants to know is told', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
    t.after(() => rm(folder, { recursive: true }))
    const [kubeconfig, token] = [join(folder, 'config'), join(folder, 'token')]
    await writeUser(kubeconfig, { tokenFile: token })
    await writeFile(token, 'old')
    const { promise: changed, resolve } = Promise.withResolvers<void>()
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault, onChange: resolve })
    assert.deepEqual((await credentials.current(signal)).headers, { authorization: 'Bearer old' })
    await writeFile(`${token}.new`, 'new')
    await rename(`${token}.new`, token)
    await changed
    assert.deepEqual((await credentials.current(signal)).headers, { authorization: 'Bearer new' })
    credentials.close()
  })

  it('stay in use, with a word about it, when a file that the kubeconfig names is gone', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'))
    t.after(() => rm(folder, { recursive: true }))
    const [kubeconfig, token] = [join(folder, 'config'), join(folder, 'token')]
    await writeUser(kubeconfig, { tokenFile: token })
    await writeFile(token, 'old')
    const { promise: fault, resolve } = Promise.withResolvers<KubeletError>()
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault: resolve })
    const old = await credentials.current(signal)
    await rm(token)
    assert.match((await fault).message, /^Cannot read tokenFile of user "node"/u)
    assert.equal(await credentials.current(signal), old)
    credentials.close()
  })

  it('name the flag that the kubeconfig came from', async () => {
    const credentials = new KubeconfigCredentials({ kubeconfig: '/no/config', flag: '--bootstrap-kubeconfig', onFault })
    await assert.rejects(
      credentials.current(signal),
      /^KubeletError: Cannot read the kubeconfig "\/no\/config" \(--bootstrap-kubeconfig\)/,
    )
  })

  it('stay the same object when nothing has changed', async (t) => {
    let now = 0
    const credentials = new KubeconfigCredentials({
      kubeconfig: await kubeconfigWith(t, 'same'),
      onFault,
      now: () => now,
    })
    const before = await credentials.current(signal)
    now = 60_000
    assert.equal(await credentials.renewed(signal), before)
  })

  it('are renewed beside the requests when four fifths of their life are over', async (t) => {
    let now = 0
    const kubeconfig = await kubeconfigWith(t, endingAt(1000))
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault, now: () => now })
    const old = await credentials.current(signal)
    await writeToken(kubeconfig, endingAt(2000))
    now = 799_999
    assert.equal(await credentials.current(signal), old)
    now = 800_000
    // Nobody waits: this one still gets the old ones, and whoever asks meanwhile joins the reading.
    assert.equal(await credentials.current(signal), old)
    assert.equal((await credentials.renewed(signal)).expiresAtMs, 2_000_000)
    assert.equal((await credentials.current(signal)).expiresAtMs, 2_000_000)
  })

  it('stay in use, with a word about it, when they cannot be renewed', async (t) => {
    let now = 0
    const kubeconfig = await kubeconfigWith(t, endingAt(1000))
    const { promise: fault, resolve } = Promise.withResolvers<KubeletError>()
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault: resolve, now: () => now })
    const old = await credentials.current(signal)
    await rm(kubeconfig)
    now = 900_000
    await credentials.current(signal)
    assert.match((await fault).message, /^Cannot read the kubeconfig/)
    assert.equal(await credentials.current(signal), old)
  })

  it('are not waited for when the signal fires, nor when they are closed', async (t) => {
    const kubeconfig = await kubeconfigWith(t, 'secret')
    const credentials = new KubeconfigCredentials({ kubeconfig, onFault })
    const stop = new AbortController()
    const waiting = credentials.current(stop.signal)
    stop.abort()
    await assert.rejects(waiting, (error) => KubeletError.is(error, 'aborted'))
    const last = credentials.current(signal)
    credentials.close()
    await assert.rejects(last, (error) => KubeletError.is(error, 'aborted'))
  })
})
