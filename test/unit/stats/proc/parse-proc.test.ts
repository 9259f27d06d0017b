import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  blockDevices,
  bootTimeMs,
  deviceOf,
  openFilesLimit,
  parseNetDev,
  parseProcessStat,
  threadCount,
  upperFolder,
} from '../../../../src/stats/proc/parse-proc.ts'

const netDev = [
  'Inter-|   Receive                                                |  Transmit',
  ' face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed',
  '    lo:       7       1    0    0    0     0          0         0        7       1    0    0    0     0       0          0',
  '  eth0:     996       8    1    2    0     0          0         0      280       4    3    5    0     0       0          0',
  'veth1a:      10       1    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
  'docker0:     10       1    0    0    0     0          0         0        0       0    0    0    0     0       0          0',
].join('\n')

describe('What /proc says', () => {
  it('of interfaces, without the loopback and those that lead to containers', () => {
    const counts = { rxBytes: 996, rxPackets: 8, rxErrors: 1, rxDropped: 2, txBytes: 280, txPackets: 4 }
    assert.deepEqual(parseNetDev(netDev), [{ name: 'eth0', ...counts, txErrors: 3, txDropped: 5 }])
  })

  it('of when the machine was started', () => assert.equal(bootTimeMs('cpu 1\nbtime 1795801862\n'), 1_795_801_862_000))

  it('of threads, those that wait included', () => {
    assert.equal(threadCount('1.36 3.49 4.53 2/3518 3715089\n'), 3518)
    assert.equal(threadCount(''), undefined)
  })

  it('of the limit on open files', () => {
    assert.equal(openFilesLimit('Max open files            1024                 524288               files\n'), 1024)
    assert.equal(openFilesLimit('Max open files            unlimited            unlimited            files\n'), -1)
    assert.equal(openFilesLimit(''), undefined)
  })

  it('of a process, whatever it calls itself', () => {
    const fields =
      '1 7946 7946 0 -1 4194560 60497 33 8 0 5000 3040 0 0 20 0 19 0 3456789 1900000 35072 18446744073709551615'
    assert.deepEqual(parseProcessStat(`7946 (a) b (c) S ${fields}\n`), {
      parent: 1,
      name: 'a) b (c',
      cpuTicks: 8040,
      pageFaults: 60_497,
      majorPageFaults: 8,
      startTicks: 3_456_789,
      rssPages: 35_072,
    })
  })

  it('of the writable layer that a container has for its root', () => {
    const overlay = 'overlay rw,lowerdir=/d/l/A:/d/l/B,upperdir=/d/with\\040space/diff,workdir=/d/x/work'
    const mounts = `84 53 0:43 / / rw,relatime master:3 - overlay ${overlay}\n85 84 0:46 / /proc rw - proc proc rw\n`
    assert.equal(upperFolder(mounts), '/d/with space/diff')
    assert.equal(upperFolder('84 53 0:43 / / rw - ext4 /dev/vda rw\n'), undefined)
  })

  it('of the device below a folder, by the mount nearest to it', () => {
    const mounts = [
      '24 1 254:0 / / rw shared:1 - ext4 /dev/vda rw',
      '25 24 8:16 / /var/lib/docker rw shared:2 - xfs /dev/sdb rw',
      '26 24 8:32 / /var/lib/dock rw shared:3 - xfs /dev/sdc rw',
    ].join('\n')
    assert.partialDeepStrictEqual(deviceOf(mounts, '/var/lib/docker'), { numbers: '8:16', source: '/dev/sdb' })
    assert.partialDeepStrictEqual(deviceOf(mounts, '/var/lib/kubelet'), { numbers: '254:0', source: '/dev/vda' })
    assert.deepEqual(blockDevices(' 254       0 vda 1 2 3\n   8      16 sdb 4 5 6\n').get('8:16'), '/dev/sdb')
  })
})
