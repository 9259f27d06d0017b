import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hierarchiesOf, unifiedFolder } from '../../../src/cgroup/hierarchies.ts'

/** As Debian with systemd and version 1 has them, cut down. */
const first = [
  '24 30 0:22 / /proc rw,nosuid - proc proc rw',
  '32 31 0:27 / /sys/fs/cgroup/unified rw,nosuid shared:10 - cgroup2 cgroup2 rw',
  '33 31 0:28 / /sys/fs/cgroup/systemd rw,nosuid shared:11 - cgroup cgroup rw,xattr,name=systemd',
  '36 31 0:31 / /sys/fs/cgroup/cpu,cpuacct rw,nosuid shared:15 - cgroup cgroup rw,cpu,cpuacct',
  '37 31 0:32 / /sys/fs/cgroup/memory rw,nosuid shared:16 - cgroup cgroup rw,memory',
  '38 31 0:33 / /var/lib/other/memory rw,nosuid shared:17 - cgroup cgroup rw,memory',
  '39 31 0:34 / /sys/fs/cgroup/pids rw,nosuid shared:18 - cgroup cgroup rw,pids',
].join('\n')

const second = '31 24 0:26 / /sys/fs/cgroup rw,nosuid shared:4 - cgroup2 cgroup2 rw,nsdelegate'

describe('The hierarchies of a host', () => {
  it('of version 1 are one for each group of controllers, with the shortest path', () => {
    assert.deepEqual(hierarchiesOf(first, '1', []), {
      version: '1',
      folders: new Map([
        ['pids', '/sys/fs/cgroup/pids'],
        ['memory', '/sys/fs/cgroup/memory'],
        ['cpu', '/sys/fs/cgroup/cpu,cpuacct'],
      ]),
      all: [
        '/sys/fs/cgroup/pids',
        '/sys/fs/cgroup/memory',
        '/var/lib/other/memory',
        '/sys/fs/cgroup/unified',
        '/sys/fs/cgroup/systemd',
        '/sys/fs/cgroup/cpu,cpuacct',
      ],
    })
  })

  it('of version 2 are one, with the controllers that it says it has', () => {
    assert.equal(unifiedFolder(second), '/sys/fs/cgroup')
    assert.deepEqual(hierarchiesOf(second, '2', ['cpuset', 'cpu', 'io', 'memory']), {
      version: '2',
      folders: new Map([
        ['cpu', '/sys/fs/cgroup'],
        ['memory', '/sys/fs/cgroup'],
      ]),
      all: ['/sys/fs/cgroup'],
    })
  })

  it('are none where only a part of them is mounted, as in a container, or nothing', () => {
    const inContainer = first.replaceAll(' / /sys/fs', ' /docker/1234 /sys/fs').replace(' / /var', ' /docker/1234 /var')
    assert.equal(hierarchiesOf(inContainer, '1', []), undefined)
    assert.equal(hierarchiesOf('', '1', []), undefined)
    assert.equal(hierarchiesOf('', '2', ['cpu', 'memory']), undefined)
    assert.equal(hierarchiesOf(second, '2', ['cpu']), undefined)
  })
})
