import assert from 'node:assert/strict'
import { mkdir, open, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import { failureText } from '../../../src/util/file-error.ts'
import { temporaryFolder } from '../volume/temporary-folder.ts'

describe('a failure in words', () => {
  it('is as Go says it where a file could not be worked with', async (test) => {
    const folder = await temporaryFolder(test)
    const [absent, loop] = [join(folder, 'absent'), join(folder, 'loop')]
    await symlink(loop, loop)
    const failures: readonly (readonly [work: () => Promise<unknown>, text: string])[] = [
      [() => open(absent), `open ${absent}: no such file or directory`],
      [() => mkdir(folder), `mkdir ${folder}: file exists`],
      [() => open(loop), `open ${loop}: too many levels of symbolic links`],
      [() => readdir('/proc/self/status'), 'scandir /proc/self/status: not a directory'],
      [() => open('a'.repeat(300)), `open ${'a'.repeat(300)}: file name too long`],
    ]
    for (const [work, text] of failures) {
      const error: unknown = await work().catch((thrown: unknown) => thrown)
      assert.equal(failureText(error), text)
    }
  })

  it('is its own words where it is another', () => {
    assert.equal(failureText(new KubeletError('invalid', 'no')), 'no')
    assert.equal(failureText('ENOENT: no, open'), 'ENOENT: no, open')
  })
})
