import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  cgroupLayout,
  cgroupParent,
  cgroupPath,
  containerCgroupPath,
  parseCgroup,
  podCgroup,
} from '../../../../src/translate/resources/cgroup-names.ts'

const uid = '0f6c3f5e-6f3c'

describe('The cgroup of a Pod', () => {
  const cases = [
    ['cgroupfs', '/', 'Guaranteed', '/kubepods/pod0f6c3f5e-6f3c', undefined],
    ['cgroupfs', '', 'Burstable', '/kubepods/burstable/pod0f6c3f5e-6f3c', undefined],
    ['cgroupfs', '/a/b', 'BestEffort', '/a/b/kubepods/besteffort/pod0f6c3f5e-6f3c', undefined],
    [
      'systemd',
      '/',
      'Guaranteed',
      '/kubepods.slice/kubepods-pod0f6c3f5e_6f3c.slice',
      'kubepods-pod0f6c3f5e_6f3c.slice',
    ],
    [
      'systemd',
      '/a-b',
      'Burstable',
      '/a_b.slice/a_b-kubepods.slice/a_b-kubepods-burstable.slice/a_b-kubepods-burstable-pod0f6c3f5e_6f3c.slice',
      'a_b-kubepods-burstable-pod0f6c3f5e_6f3c.slice',
    ],
  ] as const
  for (const [driver, root, qos, path, parent] of cases) {
    it(`is ${path} with ${driver}, below ${JSON.stringify(root)}`, () => {
      const layout = cgroupLayout(driver, root)
      const name = podCgroup(layout, qos, uid)
      assert.equal(cgroupPath(layout, name), path)
      assert.equal(cgroupParent(layout, name), parent ?? path)
    })
  }
})

describe('The cgroup of a container', () => {
  it('is what the driver calls it, below that of its Pod', () => {
    const paths = (['cgroupfs', 'systemd'] as const).map((driver) =>
      containerCgroupPath({ driver, root: [] }, ['a'], 'c1'),
    )
    assert.deepEqual(paths, ['/a/c1', '/a.slice/docker-c1.scope'])
  })
})

describe('A cgroup that an operator names', () => {
  it('is a path, or a slice', () => {
    assert.deepEqual(parseCgroup({ driver: 'cgroupfs' }, '/system/kube'), ['system', 'kube'])
    assert.deepEqual(parseCgroup({ driver: 'systemd' }, '/system.slice/system-kube_a.slice'), ['system', 'kube-a'])
  })
})
