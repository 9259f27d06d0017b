import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CgroupFolders } from '../../../src/cgroup/cgroup-folders.ts'
import { readLimits } from '../../../src/cgroup/read-limits.ts'
import { cgroupFiles } from '../../../src/translate/resources/cgroup-files.ts'

/** A tree that looks like one of version 2, on disk: what the kernel would put into a new folder is missing. */
function unified(t: TestContext, controllers = 'cpuset cpu io memory pids'): { root: string; folders: CgroupFolders } {
  const root = mkdtempSync(join(tmpdir(), 'cgroup-'))
  t.after(() => rmSync(root, { recursive: true }))
  writeFileSync(join(root, 'cgroup.controllers'), `${controllers}\n`)
  writeFileSync(join(root, 'cgroup.subtree_control'), 'memory\n')
  const folders = new Map((['cpu', 'memory', 'pids'] as const).map((name) => [name, root]))
  return { root, folders: new CgroupFolders({ version: '2', folders, all: [root] }) }
}

describe('Cgroups of version 2', () => {
  it('are folders below folders that hand on to them what they have', (t) => {
    const { root, folders } = unified(t)
    assert.equal(folders.make('/kubepods/burstable/pod1'), true)
    const handedOn = readFileSync(join(root, 'cgroup.subtree_control'), 'utf8')
    assert.equal(handedOn, '+cpuset +cpu +io +pids')
    assert.equal(folders.make('/kubepods/burstable/pod1'), false)
    assert.equal(folders.has('/kubepods/burstable/pod1'), true)
    assert.deepEqual(folders.children('/kubepods'), ['burstable'])
  })

  it('have their limits in files of one folder, and none of controllers that the kernel has not', (t) => {
    const { root, folders } = unified(t)
    folders.make('/kubepods/pod1')
    const limits = {
      cpuShares: 1024,
      cpuQuota: { quotaUs: 50_000, periodUs: 100_000 },
      memoryBytes: 2 ** 20,
      pids: 10,
      hugePages: new Map([['2Mi', 0]]),
    }
    folders.write('/kubepods/pod1', cgroupFiles(limits, '2'))
    const read = (name: string): string => readFileSync(join(root, 'kubepods/pod1', name), 'utf8')
    const files = ['cpu.weight', 'cpu.max', 'memory.max', 'pids.max'].map(read)
    assert.deepEqual(files, ['39', '50000 100000', '1048576', '10'])
    assert.deepEqual(readLimits(folders, '/kubepods/pod1'), {
      cpuShares: 998,
      cpuQuota: { quotaUs: 50_000, periodUs: 100_000 },
      memoryBytes: 2 ** 20,
    })
    folders.write('/kubepods/pod1', cgroupFiles({ cpuQuota: { quotaUs: -1, periodUs: 100_000 }, memoryBytes: -1 }, '2'))
    assert.deepEqual(readLimits(folders, '/kubepods/pod1'), { cpuShares: 998 })
    assert.equal(readLimits(folders, '/kubepods/pod2'), undefined)
  })

  it('pass over a file that only some kernels have, and no other', (t) => {
    const { folders } = unified(t)
    const oomGroup = { controller: 'memory', name: 'memory.oom.group', value: '1' } as const
    folders.write('/gone', [{ ...oomGroup, optional: true }])
    assert.throws(() => folders.write('/gone', [oomGroup]), { code: 'ENOENT' })
  })
})
