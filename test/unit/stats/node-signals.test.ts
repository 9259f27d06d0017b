import assert from 'node:assert/strict'
import { statfsSync } from 'node:fs'
import { describe, it } from 'node:test'
import { NodeSignals } from '../../../src/stats/node-signals.ts'
import { MachineFacts } from '../../../src/stats/proc/machine-facts.ts'
import { usualInfo } from '../../fakes/usual-info.ts'
import { HostInFiles } from '../../support/host-in-files.ts'

for (const version of ['1', '2'] as const) {
  describe(`What is left on a node, with cgroups of version ${version}`, () => {
    function signalsOf(host: HostInFiles, dockerRoot: string | undefined): NodeSignals {
      const machine = new MachineFacts(usualInfo, host.proc)
      const rootDirectory = host.tree.path
      return new NodeSignals({ reader: host.reader(), machine, podsCgroup: '/kubepods', rootDirectory, dockerRoot })
    }

    it('is memory of the machine and of its Pods, both disks, and processes', async () => {
      using host = new HostInFiles(version)
      host.cgroup('/kubepods')
      const seen = await signalsOf(host, host.tree.path).read()
      const amounts = (signal: Parameters<typeof seen.get>[0]) => {
        const { capacity, available } = seen.get(signal) ?? {}
        return [capacity, available]
      }
      const { node, memory } = {
        node: host.source('/kubepods').node('usage'),
        memory: host.reader().usage({ path: '/kubepods', others: new Map() }, 'usage')?.memory,
      }
      const total = 1000 * 1024
      assert.deepEqual(amounts('memory.available'), [total, Math.max(0, total - (node?.usage.memory.workingSet ?? 0))])
      const limit = memory?.limit
      assert.deepEqual(
        amounts('allocatableMemory.available'),
        limit === undefined ? [undefined, undefined] : [limit, limit - (memory?.workingSet ?? 0)],
      )
      assert.deepEqual(amounts('pid.available'), [4000, 3920])
      const { blocks, bsize, files } = statfsSync(host.tree.path)
      for (const name of ['nodefs', 'imagefs', 'containerfs'] as const) {
        assert.equal(seen.get(`${name}.available`)?.capacity, blocks * bsize)
        assert.equal(seen.get(`${name}.inodesFree`)?.capacity, files)
      }
      assert.ok([...seen.values()].every(({ atMs }) => atMs > 0))
    })

    it('is not known of what is not there: of Docker elsewhere, or of Pods without a cgroup', async () => {
      using host = new HostInFiles(version)
      const seen = await signalsOf(host, undefined).read()
      assert.ok(!seen.has('imagefs.available') && !seen.has('allocatableMemory.available'))
      const machine = new MachineFacts(usualInfo, host.proc)
      const folders = { rootDirectory: host.tree.path, dockerRoot: undefined }
      const elsewhere = new NodeSignals({ reader: undefined, machine, podsCgroup: '/kubepods', ...folders })
      assert.deepEqual([...(await elsewhere.read()).keys()], ['nodefs.available', 'nodefs.inodesFree'])
      assert.equal(elsewhere.memory().size, 0)
    })

    it('is not known of memory where the kernel does not say how much there is', async () => {
      using host = new HostInFiles(version)
      host.tree.write({ 'proc/meminfo': '' })
      assert.ok(!(await signalsOf(host, undefined).read()).has('memory.available'))
    })

    it('lies on one disk, or images lie on another', async () => {
      using host = new HostInFiles(version)
      assert.equal(await signalsOf(host, host.tree.path).layout(), 'one')
      assert.equal(await signalsOf(host, '/proc').layout(), 'dedicated-images')
      assert.equal(await signalsOf(host, '/nowhere').layout(), 'one')
      assert.equal(await signalsOf(host, undefined).layout(), 'one')
    })
  })
}
