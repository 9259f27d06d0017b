import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base, faults, load } from './loading.ts'

describe('what is enforced with cgroups', () => {
  it('is what the flags say', async () => {
    const { config } = await load([
      base,
      '--cgroup-root=/a',
      '--cgroup-driver=systemd',
      '--pod-max-pids=100',
      '--enforce-node-allocatable=pods,kube-reserved',
      '--kube-reserved-cgroup=/kube',
    ])
    assert.deepEqual(config.cgroups, {
      perQos: true,
      root: '/a',
      driver: 'systemd',
      podPidsLimit: 100,
      enforced: ['pods', 'kube-reserved'],
      systemReservedCgroup: '',
      kubeReservedCgroup: '/kube',
      singleProcessOomKill: false,
    })
    const off = await load([base, '--cgroups-per-qos=false', '--enforce-node-allocatable='])
    assert.deepEqual([off.config.cgroups.perQos, off.config.cgroups.enforced], [false, []])
    const none = await load([base, '--enforce-node-allocatable=none', '--pod-max-pids=0'])
    assert.deepEqual([none.config.cgroups.podPidsLimit, none.config.cgroups.enforced], [undefined, []])
  })

  const flag = '--enforce-node-allocatable (enforceNodeAllocatable)'
  const names =
    'any of pods, system-reserved, kube-reserved, system-reserved-compressible, kube-reserved-compressible, none'
  const wrong: readonly (readonly [flags: readonly string[], fault: string])[] = [
    [['--cgroups-per-qos=false'], `${flag} may not name "pods" where --cgroups-per-qos (cgroupsPerQOS) is false`],
    [
      ['--enforce-node-allocatable=kube-reserved'],
      `${flag} names "kube-reserved", which needs --kube-reserved-cgroup (kubeReservedCgroup)`,
    ],
    [
      ['--enforce-node-allocatable=system-reserved-compressible'],
      `${flag} names "system-reserved-compressible", which needs --system-reserved-cgroup (systemReservedCgroup)`,
    ],
    [
      ['--enforce-node-allocatable=kube-reserved,kube-reserved-compressible', '--kube-reserved-cgroup=/k'],
      `${flag} names both "kube-reserved-compressible" and "kube-reserved": give one of them`,
    ],
    [
      ['--enforce-node-allocatable=all'],
      `Invalid value "all" for --enforce-node-allocatable: must be ${names}, and "all" is none`,
    ],
    [
      ['--enforce-node-allocatable=pods,pods'],
      `Invalid value "pods,pods" for --enforce-node-allocatable: must be ${names}, each once`,
    ],
    [
      ['--enforce-node-allocatable=none,pods'],
      `Invalid value "none,pods" for --enforce-node-allocatable: must be ${names}, and "none" only by itself`,
    ],
  ]
  for (const [flags, fault] of wrong) {
    it(`is refused: ${flags.join(' ')}`, async () => assert.equal(await faults([base, ...flags]), fault))
  }
})
