import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { mountedDevices, parseDiskCounters } from '../../../../src/stats/proc/disk-counters.ts'

describe('the counters of disks', () => {
  it('are those of each device by its numbers, with what newer kernels have added at the end', () => {
    const text = '   8       0 sda 10 1 20 2 30 3 40 4 5 6 7 8 9 10 11 12 13\n 254 1 vda1 0 0 0 0 0 0 0 0 0 0 0\n'
    const counters = parseDiskCounters(text)
    assert.deepEqual([...counters.keys()], ['8:0', '254:1'])
    assert.deepEqual(counters.get('8:0'), {
      readsCompleted: 10,
      readsMerged: 1,
      sectorsRead: 20,
      readMs: 2,
      writesCompleted: 30,
      writesMerged: 3,
      sectorsWritten: 40,
      writeMs: 4,
      inProgress: 5,
      busyMs: 6,
      weightedMs: 7,
    })
  })

  it('are none of a text that is none', () => {
    assert.equal(parseDiskCounters('').size, 0)
  })
})

describe('the mounted block devices', () => {
  it('are each looked at where it is mounted nearest to the root, and only they', () => {
    const mounts = [
      '30 1 254:0 /layers /var/lib/docker rw,relatime shared:1 - ext4 /dev/vda rw',
      '22 1 254:0 / / rw,relatime - ext4 /dev/vda rw',
      '31 1 254:0 /x /tmp/x rw - ext4 /dev/vda rw',
      '32 1 8:16 / /mnt/disk rw - xfs /dev/sdb rw',
      '24 22 0:21 / /proc rw - proc proc rw',
      '25 22 0:40 / /mnt/nfs rw - nfs4 host:/share rw',
      '',
    ]
    assert.deepEqual(
      [...mountedDevices(mounts.join('\n'))],
      [
        ['254:0', '/'],
        ['8:16', '/mnt/disk'],
      ],
    )
  })
})
