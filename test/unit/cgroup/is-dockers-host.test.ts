import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { isDockersMachine, whyNotDockersCgroups } from '../../../src/cgroup/is-dockers-host.ts'

const docker = { kernelVersion: '6.1.0-18-amd64', memoryBytes: 8_000_000, hostname: 'vm', cgroupDriver: 'cgroupfs' }
const local = {
  kernelVersion: '6.1.0-18-amd64',
  memoryBytes: 8_000_000,
  hostname: 'vm',
  cgroupNamespace: 'cgroup:[4026531835]',
}
const socket = 'unix:///var/run/docker.sock'

describe('The cgroups that the agent can make', () => {
  it("are Docker's where both see the same machine, also from a container with a name of its own", () => {
    assert.equal(whyNotDockersCgroups(docker, socket, local), undefined)
    assert.equal(whyNotDockersCgroups(docker, socket, { ...local, hostname: 'pod' }), undefined)
    assert.equal(whyNotDockersCgroups(docker, 'tcp://127.0.0.1:2375', local), undefined)
    assert.equal(whyNotDockersCgroups({ ...docker, cgroupDriver: 'systemd' }, socket, local), undefined)
  })

  const elsewhere = 'Docker is on another host'
  const cases: readonly (readonly [why: string, change: object, host: string, localChange: object])[] = [
    [elsewhere, {}, 'tcp://10.0.0.1:2375', { hostname: 'other' }],
    [elsewhere, {}, 'ssh://root@vm2', { hostname: 'other' }],
    [elsewhere, { kernelVersion: '5.15.0-linuxkit' }, socket, {}],
    [elsewhere, { memoryBytes: 4_000_000 }, socket, {}],
    ['the agent runs in a cgroup namespace of its own', {}, socket, { cgroupNamespace: 'cgroup:[4026532281]' }],
    [`Docker's cgroup driver is "none"`, { cgroupDriver: 'none' }, socket, {}],
  ]
  for (const [why, change, host, localChange] of cases) {
    it(`are not where ${why}: ${JSON.stringify([change, host, localChange])}`, () => {
      assert.equal(whyNotDockersCgroups({ ...docker, ...change }, host, { ...local, ...localChange }), why)
    })
  }
})

describe("Docker's disks", () => {
  it('are on this machine where it is the same one, whatever of it the agent sees', () => {
    assert.ok(isDockersMachine(docker, socket, { ...local, hostname: 'pod' }))
    assert.ok(isDockersMachine(docker, 'tcp://127.0.0.1:2375', local))
  })

  it('are on another one where Docker is, though its folders may have the same names here', () => {
    assert.ok(!isDockersMachine(docker, 'tcp://10.0.0.1:2375', { ...local, hostname: 'other' }))
    assert.ok(!isDockersMachine({ ...docker, memoryBytes: 4_000_000 }, socket, local))
  })
})
