import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../../../src/model/kube.ts'
import { refuseUserNamespace, sandboxSecurity } from '../../../../src/translate/security/sandbox-security.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

describe('What confines a sandbox', () => {
  const asked = (spec: Partial<PodSpec>) => sandboxSecurity(aPod({ spec }))
  const usual = { SecurityOpt: ['no-new-privileges'] }

  it("is Docker's seccomp profile, and that it gains no privileges, whatever the Pod asks for its containers", () => {
    assert.deepEqual(asked({}), usual)
    assert.deepEqual(asked({ securityContext: { seccompProfile: { type: 'Unconfined' }, runAsUser: 5 } }), usual)
  })

  it("are its Pod's groups and label", () => {
    const securityContext = { fsGroup: 2000, supplementalGroups: [10], seLinuxOptions: { level: 's0' } }
    assert.deepEqual(asked({ securityContext }), {
      SecurityOpt: ['label=level:s0', 'no-new-privileges'],
      GroupAdd: ['2000', '10'],
    })
  })

  it('is little where any container of the Pod is privileged', () => {
    const privileged = aContainer({ name: 'root', securityContext: { privileged: true } })
    const fields = ['containers', 'initContainers', 'ephemeralContainers'] as const
    for (const field of fields) assert.deepEqual(asked({ [field]: [privileged] }), { ...usual, Privileged: true })
    const privilegedNot = aContainer({ securityContext: { privileged: false } })
    assert.deepEqual(asked({ containers: [privilegedNot] }), usual)
  })

  it("are its Pod's sysctls, with dots between the parts of their names", () => {
    const sysctls = [
      { name: 'kernel/shm_rmid_forced', value: '1' },
      { name: 'net.core.somaxconn', value: '256' },
    ]
    assert.deepEqual(asked({ securityContext: { sysctls } }), {
      ...usual,
      Sysctls: { 'kernel.shm_rmid_forced': '1', 'net.core.somaxconn': '256' },
    })
    assert.deepEqual(asked({ securityContext: { sysctls: [] } }), usual)
  })
})

describe('refuseUserNamespace', () => {
  it("refuses a Pod that asks for users of its own, in the kubelet's words", () => {
    const pod = aPod({ spec: { hostUsers: false } })
    assert.throws(() => refuseUserNamespace(pod, undefined), {
      code: 'unsupported',
      message: "can't set `spec.hostUsers: false`, runtime does not support user namespaces",
    })
    assert.throws(() => refuseUserNamespace(pod, 'kata'), {
      message: 'can\'t set `spec.hostUsers: false`, RuntimeClass handler "kata" does not support user namespaces',
    })
  })

  it("lets a Pod pass that takes the host's, or says nothing", () => {
    refuseUserNamespace(aPod({ spec: { hostUsers: true } }), undefined)
    refuseUserNamespace(aPod(), undefined)
  })
})
