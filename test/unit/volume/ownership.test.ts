import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { renameSync, symlinkSync } from 'node:fs'
import { chmod, chown, link, lstat, mkdir, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { KubeletError } from '../../../src/model/errors.ts'
import { ownedMode, setVolumeOwnership, type OwnershipOptions } from '../../../src/volume/ownership.ts'
import { temporaryFolder } from './temporary-folder.ts'

const group = 4321
const options: OwnershipOptions = { fsGroup: group, readOnly: false, signal: new AbortController().signal }

async function seen(path: string): Promise<readonly [group: number, mode: string]> {
  const { gid, mode } = await lstat(path)
  return [gid, (mode & 0o7777).toString(8)]
}

describe('a volume that becomes a group’s', () => {
  it('lets the group do what the owner may, and hands itself down', async (test) => {
    const volume = await temporaryFolder(test)
    await mkdir(join(volume, 'dir/deep'), { recursive: true })
    await writeFile(join(volume, 'dir/deep/file'), '', { mode: 0o600 })
    await writeFile(join(volume, 'tool'), '')
    await chmod(join(volume, 'tool'), 0o4711)
    execFileSync('mkfifo', [join(volume, 'pipe')])
    await chmod(join(volume, 'pipe'), 0o600)
    await chmod(join(volume, 'dir'), 0o1700)
    let files = 0
    await setVolumeOwnership(volume, { ...options, onFile: () => (files += 1) })
    assert.deepEqual(await seen(join(volume, 'dir/deep/file')), [group, '660'])
    assert.deepEqual(await seen(join(volume, 'tool')), [group, '4771'])
    assert.deepEqual(await seen(join(volume, 'pipe')), [group, '660'])
    assert.deepEqual(await seen(join(volume, 'dir')), [group, '3770'])
    assert.deepEqual(await seen(volume), [group, '2770'])
    assert.equal(files, 6)
    await writeFile(join(volume, 'dir/new'), '')
    assert.equal((await stat(join(volume, 'dir/new'))).gid, group)
  })

  it('is only read by the group where the agent alone writes', () => {
    assert.equal(ownedMode(0o400, false, true).toString(8), '440')
    assert.equal(ownedMode(0o100_600, false, true).toString(8), '640')
    assert.equal(ownedMode(0o40_755, true, true).toString(8), '2755')
    assert.equal(ownedMode(0o40_700, true, true).toString(8), '2750')
  })

  it('keeps its owners', async (test) => {
    const volume = await temporaryFolder(test)
    await writeFile(join(volume, 'file'), '')
    await chown(join(volume, 'file'), 7, 7)
    await setVolumeOwnership(volume, options)
    const { uid, gid } = await stat(join(volume, 'file'))
    assert.deepEqual([uid, gid], [7, group])
  })

  it('takes its links along, and leaves alone what they point at', async (test) => {
    const outside = await temporaryFolder(test)
    await writeFile(join(outside, 'file'), '', { mode: 0o600 })
    const before = [await seen(outside), await seen(join(outside, 'file'))]
    const volume = await temporaryFolder(test)
    await symlink(outside, join(volume, 'folder'))
    await symlink(join(outside, 'file'), join(volume, 'file'))
    await symlink('nowhere', join(volume, 'dangling'))
    await setVolumeOwnership(volume, options)
    for (const name of ['folder', 'file', 'dangling']) assert.equal((await lstat(join(volume, name))).gid, group)
    assert.deepEqual([await seen(outside), await seen(join(outside, 'file'))], before)
  })

  it('is right at its root last of all', async (test) => {
    const volume = await temporaryFolder(test)
    await mkdir(join(volume, 'dir'))
    await writeFile(join(volume, 'dir/file'), '')
    const stopped = new AbortController()
    const before = await seen(volume)
    const onFile = (): void => stopped.abort()
    await mkdir(join(volume, 'more'))
    await writeFile(join(volume, 'more/file'), '')
    await assert.rejects(setVolumeOwnership(volume, { ...options, onFile, signal: stopped.signal }), {
      code: 'aborted',
    })
    assert.deepEqual(await seen(volume), before)
  })

  it('is passed over where its root says that it is done, if the Pod wants that', async (test) => {
    const volume = await temporaryFolder(test)
    await writeFile(join(volume, 'file'), '', { mode: 0o600 })
    await chown(volume, 0, group)
    await chmod(volume, 0o2775)
    const policy = 'OnRootMismatch'
    await setVolumeOwnership(volume, { ...options, policy })
    assert.deepEqual(await seen(join(volume, 'file')), [0, '600'])
    for (const [gid, mode] of [
      [group, 0o775],
      [group, 0o2755],
      [0, 0o2775],
    ] as const) {
      await chown(join(volume, 'file'), 0, 0)
      await chown(volume, 0, gid)
      await chmod(volume, mode)
      await setVolumeOwnership(volume, { ...options, policy })
      assert.equal((await stat(join(volume, 'file'))).gid, group, mode.toString(8))
    }
    await chown(join(volume, 'file'), 0, 0)
    await setVolumeOwnership(volume, options)
    assert.equal((await stat(join(volume, 'file'))).gid, group)
  })

  it('goes on when something can’t be changed, and says what', async (test) => {
    const volume = await temporaryFolder(test)
    await writeFile(join(volume, 'fixed'), '')
    await writeFile(join(volume, 'other'), '')
    const isFixed = makeImmutable(join(volume, 'fixed'), true)
    test.after(() => makeImmutable(join(volume, 'fixed'), false))
    const faults: string[] = []
    await setVolumeOwnership(volume, { ...options, onFault: ({ message }) => void faults.push(message) })
    // Not every file system has such files.
    if (isFixed)
      assert.deepEqual(
        faults.toSorted(),
        ['chmod', 'chown'].map((what) => `${what} ${volume}/fixed failed`),
      )
    assert.equal((await stat(join(volume, 'other'))).gid, group)
    makeImmutable(join(volume, 'fixed'), false)
  })

  it('never changes what lies outside, when a container puts links where files and folders were seen', async (test) => {
    const outside = await temporaryFolder(test)
    await writeFile(join(outside, 'file'), '', { mode: 0o600 })
    const before = [await seen(outside), await seen(join(outside, 'file'))]
    const volume = await temporaryFolder(test)
    await mkdir(join(volume, 'folder'))
    await writeFile(join(volume, 'folder/file'), '')
    await writeFile(join(volume, 'file'), '')
    const swap = (name: string): boolean => {
      renameSync(join(volume, name), join(volume, `${name}.old`))
      symlinkSync(name === 'folder' ? outside : join(outside, name), join(volume, name))
      return false
    }
    const faults: KubeletError[] = []
    await setVolumeOwnership(volume, { ...options, leaveOut: swap, onFault: (fault) => faults.push(fault) })
    assert.deepEqual([await seen(outside), await seen(join(outside, 'file'))], before)
    assert.equal((await lstat(join(volume, 'file'))).gid, group)
    assert.equal(faults.length, 1)
  })

  it('may have one file by many names', async (test) => {
    const volume = await temporaryFolder(test)
    await writeFile(join(volume, 'a'), '')
    await link(join(volume, 'a'), join(volume, 'b'))
    await setVolumeOwnership(volume, options)
    assert.equal((await stat(join(volume, 'b'))).gid, group)
  })

  it('must be there', async (test) => {
    const volume = await temporaryFolder(test)
    await rm(volume, { recursive: true })
    await assert.rejects(setVolumeOwnership(volume, options), { code: 'ENOENT' })
  })
})

/** False where the file system has no such flag. */
function makeImmutable(path: string, isImmutable: boolean): boolean {
  try {
    execFileSync('chattr', [isImmutable ? '+i' : '-i', path], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
