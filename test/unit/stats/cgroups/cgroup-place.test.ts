import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isPodPlace, parentPlace, parsePlace, pathOf, placeAt } from '../../../../src/stats/cgroups/cgroup-place.ts'

const uid = '0f6c3f5e-6f3c-4b7e-9a53-3f1d2c4b5a69'

describe('The place of a cgroup', () => {
  it('is one path for all controllers, but for those that have another', () => {
    const place = parsePlace(
      '4:memory:/outer/docker/abc\n2:cpu,cpuacct:/docker/abc\n1:name=systemd:/\n0::/docker/abc\n',
    )
    assert.ok(place !== undefined)
    assert.deepEqual(
      ['cpu', 'cpuacct', 'memory', 'unified', 'blkio'].map((controller) => pathOf(place, controller)),
      ['/docker/abc', '/docker/abc', '/outer/docker/abc', '/docker/abc', '/docker/abc'],
    )
    assert.equal(pathOf(parentPlace(place), 'memory'), '/outer/docker')
  })

  it('is that of version 2 where there is no other', () => {
    assert.deepEqual(parsePlace('0::/system.slice/docker-abc.scope\n'), placeAt('/system.slice/docker-abc.scope'))
  })

  it('is none where nothing says it', () => assert.equal(parsePlace(''), undefined))

  it('is that of a Pod by either driver, and of no other Pod', () => {
    const slice = `/kubepods.slice/kubepods-pod${uid.replaceAll('-', '_')}.slice`
    for (const path of [`/kubepods/burstable/pod${uid}`, slice]) {
      assert.ok(isPodPlace(placeAt(path), uid), path)
      assert.ok(!isPodPlace(placeAt(path), '1'), path)
    }
    assert.ok(!isPodPlace(placeAt('/docker'), uid))
  })

  it('has the root above it', () => assert.equal(parentPlace(placeAt('/docker')).path, '/'))
})
