import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../src/model/kube.ts'
import { hostLimits } from '../../../src/plan/host-limits.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const label = { seLinuxOptions: { level: 's0' } }
const filter = { seccompProfile: { type: 'RuntimeDefault' } }

function found(spec: Partial<PodSpec>, ...securityOptions: readonly string[]): readonly string[] {
  return hostLimits(aPod({ spec }), securityOptions).map(({ path, lacking }) => `${path} ${lacking}`)
}

describe('what a host cannot do of a security context', () => {
  const container = (securityContext: NonNullable<ContainerSpec['securityContext']>) => [
    aContainer({ securityContext }),
  ]
  const all: Partial<PodSpec> = {
    securityContext: { ...label, ...filter },
    initContainers: container(label),
    containers: container(filter),
    ephemeralContainers: container(label),
  }

  it('is told of the Pod and of each of its containers', () => {
    assert.deepEqual(found(all), [
      'spec.securityContext.seLinuxOptions SELinux',
      'spec.securityContext.seccompProfile seccomp',
      'spec.initContainers[0].securityContext.seLinuxOptions SELinux',
      'spec.containers[0].securityContext.seccompProfile seccomp',
      'spec.ephemeralContainers[0].securityContext.seLinuxOptions SELinux',
    ])
  })

  it('is nothing on a host that can do it', () => {
    assert.deepEqual(found(all, 'selinux', 'seccomp', 'apparmor'), [])
    assert.equal(found(all, 'seccomp').length, 3)
    assert.equal(found(all, 'selinux').length, 2)
  })

  it('is nothing where nobody asks for it, or Docker itself refuses it', () => {
    assert.deepEqual(found({ securityContext: { seLinuxOptions: {}, seccompProfile: { type: 'Unconfined' } } }), [])
    const localhost = { seccompProfile: { type: 'Localhost', localhostProfile: 'a.json' } }
    assert.deepEqual(found({ securityContext: localhost }), [])
    assert.deepEqual(found({}), [])
  })
})
