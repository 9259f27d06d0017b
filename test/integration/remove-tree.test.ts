/** Removing folders in which something is mounted, on this host's kernel. */
import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readdir, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { KernelMounts } from '../../src/volume/mounts/kernel-mounts.ts'
import { removeTree } from '../../src/volume/remove-tree.ts'
import { mountsBelow, unmountAndRemove } from '../support/mounts.ts'

describe('removeTree', () => {
  it('crosses no mount, be it of the same disk: what is mounted stays and is told of, what is beside it goes', async (t) => {
    const root = await mkdtemp(join(tmpdir(), 'minikubelet-remove-'))
    t.after(() => unmountAndRemove(root))
    const at = (path: string): string => join(root, path)
    for (const path of ['precious', 'gone/deep/bound', 'gone/memory', 'gone/beside'])
      await mkdir(at(path), { recursive: true })
    for (const path of ['precious/file', 'gone/deep/file', 'gone/beside/file']) await writeFile(at(path), '')
    const mounts = new KernelMounts(root)
    await mounts.bind(at('precious'), at('gone/deep/bound'), {}, t.signal)
    await mounts.bind(at('precious/file'), at('gone/deep/file'), {}, t.signal)
    await mounts.mount({ type: 'tmpfs', source: 'tmpfs', target: at('gone/memory'), options: [] }, t.signal)
    await writeFile(at('gone/memory/file'), '')

    const left = await removeTree(at('gone'), { signal: t.signal })
    assert.deepEqual(left.toSorted(), [
      `${at('gone/deep/bound')}: something is mounted there`,
      `${at('gone/deep/file')}: something is mounted there, or it is in use`,
      `${at('gone/memory')}: something is mounted there`,
    ])
    assert.deepEqual((await readdir(at('gone'))).toSorted(), ['deep', 'memory'])
    assert.deepEqual([await readdir(at('precious')), await readdir(at('gone/memory'))], [['file'], ['file']])

    for (const target of mountsBelow(root).toReversed()) await mounts.unmount(target)
    assert.deepEqual(await removeTree(at('gone'), { signal: t.signal }), [])
    assert.deepEqual([await readdir(root), await readdir(at('precious'))], [['precious'], ['file']])
  })
})
