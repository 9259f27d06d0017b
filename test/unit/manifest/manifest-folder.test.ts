import assert from 'node:assert/strict'
import { rmSync, writeFileSync } from 'node:fs'
import { mkdir, mkdtemp, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { manifestFolder } from '../../../src/manifest/manifest-folder.ts'
import type { ManifestChange } from '../../../src/manifest/reconcile-manifests.ts'
import { webManifest } from './manifests.ts'

/** Far beyond any test: only what the system tells makes it look again. */
const neverMs = 3_600_000

async function temporaryFolder(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'manifests-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  return folder
}

/** Writes a file in one go: a look sees the old text or the new one, never a part. */
async function replaceFile(file: string, text: string): Promise<void> {
  const hidden = join(dirname(file), `.${basename(file)}.new`)
  await writeFile(hidden, text)
  await rename(hidden, file)
}

/** The changes of a path, one at a time and in short. */
class Changes {
  readonly #changes: AsyncGenerator<ManifestChange, void>
  readonly #controller = new AbortController()

  constructor(t: TestContext, path: string, fileCheckFrequencyMs = neverMs) {
    const signal = AbortSignal.any([this.#controller.signal, t.signal])
    this.#changes = manifestFolder({ path, nodeName: 'node-a', fileCheckFrequencyMs }, signal)
    t.after(() => this.stop())
  }

  async next(): Promise<string> {
    const { value, done } = await this.#changes.next()
    if (done === true) return 'end'
    switch (value.kind) {
      case 'set':
      case 'removed':
        return `${value.kind} ${value.pod.spec.containers[0]?.image ?? ''}`
      case 'invalid':
      case 'warning':
        return `${value.kind} ${value.message}`
      case 'synced':
        return value.isComplete ? 'synced' : 'synced, but for what is broken'
      default:
        return value satisfies never
    }
  }

  stop(): void {
    this.#controller.abort()
  }
}

const newWeb = webManifest.replace('1.25', '1.26')

describe('manifestFolder', { timeout: 120_000 }, () => {
  it('tells what is there, then that this was all, then what happens', async (t) => {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'web.yaml')
    await writeFile(file, webManifest)
    await writeFile(join(folder, '.hidden.yaml'), 'not looked at')
    await mkdir(join(folder, 'more.yaml'))
    const changes = new Changes(t, folder)
    assert.equal(await changes.next(), 'set nginx:1.25')
    assert.equal(await changes.next(), 'synced')
    await replaceFile(file, newWeb)
    assert.equal(await changes.next(), 'removed nginx:1.25')
    assert.equal(await changes.next(), 'set nginx:1.26')
    await rm(file)
    assert.equal(await changes.next(), 'removed nginx:1.26')
  })

  it('sees a file that is moved into its place', async (t) => {
    const folder = await temporaryFolder(t)
    await writeFile(join(folder, '.web.yaml.tmp'), webManifest)
    const changes = new Changes(t, folder)
    assert.equal(await changes.next(), 'synced')
    await rename(join(folder, '.web.yaml.tmp'), join(folder, 'web.yaml'))
    assert.equal(await changes.next(), 'set nginx:1.25')
  })

  it('ends a Pod and begins it anew when its file is removed and at once put back, not when it is replaced by its like', async (t) => {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'web.yaml')
    await writeFile(file, webManifest)
    const changes = new Changes(t, folder)
    assert.deepEqual([await changes.next(), await changes.next()], ['set nginx:1.25', 'synced'])
    await replaceFile(file, webManifest)
    await writeFile(join(folder, 'other.yaml'), webManifest.replace('name: web', 'name: other').replace('1.25', '1.27'))
    assert.equal(await changes.next(), 'set nginx:1.27')
    // Without a pause, so that no look falls in between.
    rmSync(file)
    writeFileSync(file, webManifest)
    assert.deepEqual([await changes.next(), await changes.next()], ['removed nginx:1.25', 'set nginx:1.25'])
  })

  it('keeps the Pod of a file that is written badly, until it is written well', async (t) => {
    const folder = await temporaryFolder(t)
    const file = join(folder, 'web.yaml')
    await writeFile(file, webManifest)
    const changes = new Changes(t, folder)
    assert.deepEqual([await changes.next(), await changes.next()], ['set nginx:1.25', 'synced'])
    await replaceFile(file, 'kind: [')
    assert.match(await changes.next(), /^invalid Cannot use the manifest: web\.yaml, line 1: /u)
    await replaceFile(file, newWeb)
    assert.deepEqual([await changes.next(), await changes.next()], ['removed nginx:1.25', 'set nginx:1.26'])
  })

  it('waits for a folder that is not there, also when it goes and comes back', async (t) => {
    const folder = join(await temporaryFolder(t), 'manifests')
    const missing = `invalid The manifest path "${folder}" does not exist; its Pods start once it does`
    const changes = new Changes(t, folder)
    assert.deepEqual([await changes.next(), await changes.next()], [missing, 'synced'])
    for (let round = 0; round < 2; round++) {
      const incoming = `${folder}.incoming`
      await mkdir(incoming)
      await writeFile(join(incoming, 'web.yaml'), webManifest)
      await rename(incoming, folder)
      assert.equal(await changes.next(), 'set nginx:1.25')
      await rm(folder, { recursive: true })
      const gone = [await changes.next(), await changes.next()]
      // The folder empties before it goes: both may be seen, or only the end.
      assert.deepEqual(gone.toSorted(), [missing, 'removed nginx:1.25'])
    }
  })

  it('takes one file for a folder', async (t) => {
    const file = join(await temporaryFolder(t), 'web.yaml')
    await writeFile(file, webManifest)
    const changes = new Changes(t, file)
    assert.deepEqual([await changes.next(), await changes.next()], ['set nginx:1.25', 'synced'])
    await replaceFile(file, newWeb)
    assert.deepEqual([await changes.next(), await changes.next()], ['removed nginx:1.25', 'set nginx:1.26'])
  })

  it('looks again by itself where the system tells nothing', async (t) => {
    const folder = await temporaryFolder(t)
    const elsewhere = join(await temporaryFolder(t), 'web.yaml')
    await writeFile(elsewhere, webManifest)
    await symlink(elsewhere, join(folder, 'web.yaml'))
    const changes = new Changes(t, folder, 10)
    assert.deepEqual([await changes.next(), await changes.next()], ['set nginx:1.25', 'synced'])
    // What a link leads to is not watched.
    await replaceFile(elsewhere, newWeb)
    assert.deepEqual([await changes.next(), await changes.next()], ['removed nginx:1.25', 'set nginx:1.26'])
  })

  it('says what it cannot read, and does not say that this was all', async (t) => {
    const folder = await temporaryFolder(t)
    const loop = join(folder, 'loop')
    await symlink(loop, loop)
    const changes = new Changes(t, loop)
    assert.match(
      await changes.next(),
      /^invalid Cannot read the manifest path ".*\/loop": ELOOP.*; what runs because of it runs on$/u,
    )
    await rm(loop)
    await mkdir(loop)
    assert.equal(await changes.next(), 'synced')
  })

  it('says when a file keeps it from knowing all, and when none does any more', async (t) => {
    const folder = await temporaryFolder(t)
    await writeFile(join(folder, 'web.yaml'), 'kind: [')
    const changes = new Changes(t, folder)
    assert.match(await changes.next(), /^invalid /u)
    assert.equal(await changes.next(), 'synced, but for what is broken')
    await replaceFile(join(folder, 'web.yaml'), webManifest)
    assert.equal(await changes.next(), 'set nginx:1.25')
    assert.equal(await changes.next(), 'synced')
  })

  it('ends when it is told to, also in the middle of waiting', async (t) => {
    const changes = new Changes(t, await temporaryFolder(t))
    assert.equal(await changes.next(), 'synced')
    const end = changes.next()
    changes.stop()
    assert.equal(await end, 'end')
  })
})
