import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  appArmorRefusal,
  declaredFeaturesRefusal,
  operatingSystemRefusal,
  supplementalGroupsRefusal,
} from '../../../../src/plan/admission/platform.ts'
import { aNodeObject } from '../../../builders/admission.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'

describe('operatingSystemRefusal', () => {
  it('lets in what is for Linux, and what does not say', () => {
    assert.equal(operatingSystemRefusal(aPod()), undefined)
    const metadata = { labels: { 'kubernetes.io/os': 'linux' } }
    assert.equal(operatingSystemRefusal(aPod({ metadata, spec: { os: { name: 'linux' } } })), undefined)
  })

  it('refuses a Pod that its label says to be for another system', () => {
    assert.deepEqual(operatingSystemRefusal(aPod({ metadata: { labels: { 'kubernetes.io/os': 'windows' } } })), {
      reason: 'PodOSSelectorNodeLabelDoesNotMatch',
      message: "Failed to admit pod as the `kubernetes.io/os` label doesn't match node label",
    })
  })

  it('refuses a Pod whose spec is for another system', () => {
    assert.deepEqual(operatingSystemRefusal(aPod({ spec: { os: { name: 'windows' } } })), {
      reason: 'PodOSNotSupported',
      message: "Failed to admit pod as the OS field doesn't match node OS",
    })
  })
})

describe('supplementalGroupsRefusal', () => {
  const withPolicy = (supplementalGroupsPolicy: string) =>
    aPod({ spec: { securityContext: { supplementalGroupsPolicy } } })

  it('refuses Strict on a node that does not know of it', () => {
    assert.deepEqual(supplementalGroupsRefusal(withPolicy('Strict'), aNodeObject()), {
      reason: 'SupplementalGroupsPolicyNotSupported',
      message: 'SupplementalGroupsPolicy=Strict is not supported in this node',
    })
  })

  it('lets in Strict on one that does, and Merge anywhere', () => {
    const able = aNodeObject({ status: { features: { supplementalGroupsPolicy: true } } })
    assert.equal(supplementalGroupsRefusal(withPolicy('Strict'), able), undefined)
    assert.equal(supplementalGroupsRefusal(withPolicy('Merge'), aNodeObject()), undefined)
    assert.equal(supplementalGroupsRefusal(aPod(), aNodeObject()), undefined)
  })
})

describe('appArmorRefusal', () => {
  const profile = (type: string) => ({ appArmorProfile: { type } })
  const annotated = (value: string) =>
    aPod({ metadata: { annotations: { 'container.apparmor.security.beta.kubernetes.io/main': value } } })
  const refusal = { reason: 'AppArmor', message: 'Cannot enforce AppArmor: AppArmor is not enabled on the host' }

  const wanting = {
    'for the Pod': aPod({ spec: { securityContext: profile('RuntimeDefault') } }),
    'for a container': aPod({ spec: { containers: [aContainer({ securityContext: profile('Localhost') })] } }),
    'for an init container': aPod({
      spec: { initContainers: [aContainer({ securityContext: profile('Localhost') })] },
    }),
    'by annotation': annotated('runtime/default'),
  }
  for (const [where, pod] of Object.entries(wanting)) {
    it(`refuses a profile ${where} on a host without AppArmor`, () => {
      assert.deepEqual(appArmorRefusal(pod, false), refusal)
      assert.equal(appArmorRefusal(pod, true), undefined)
    })
  }

  it('lets in what wants none', () => {
    assert.equal(appArmorRefusal(aPod(), false), undefined)
    assert.equal(appArmorRefusal(aPod({ spec: { securityContext: profile('Unconfined') } }), false), undefined)
    assert.equal(appArmorRefusal(annotated('unconfined'), false), undefined)
  })

  it('does not ask a Pod that runs already', () => {
    const spec = { securityContext: profile('RuntimeDefault') }
    assert.equal(appArmorRefusal(aPod({ spec, status: { phase: 'Running' } }), false), undefined)
    assert.deepEqual(appArmorRefusal(aPod({ spec, status: { phase: 'Pending' } }), false), refusal)
  })
})

describe('declaredFeaturesRefusal', () => {
  const restartPolicyRules = [{ action: 'RestartAllContainers', exitCodes: { operator: 'In', values: [1] } }]
  const restarting = aPod({ spec: { containers: [aContainer({ restartPolicy: 'Never', restartPolicyRules })] } })

  it('refuses what the node does not declare, by name', () => {
    const spec = { ...restarting.spec, hostNetwork: true, hostUsers: false }
    assert.deepEqual(declaredFeaturesRefusal(aPod({ spec }), aNodeObject()), {
      reason: 'PodFeatureUnsupported',
      message:
        'Pod requires node features that are not available: RestartAllContainersOnContainerExits, UserNamespacesHostNetworkSupport',
    })
  })

  it('lets in what the node declares, and what needs nothing', () => {
    const own = aNodeObject({ status: { declaredFeatures: ['RestartAllContainersOnContainerExits'] } })
    assert.equal(declaredFeaturesRefusal(restarting, own), undefined)
    assert.equal(declaredFeaturesRefusal(aPod({ spec: { hostNetwork: true } }), aNodeObject()), undefined)
    assert.equal(declaredFeaturesRefusal(aPod({ spec: { hostUsers: false } }), aNodeObject()), undefined)
  })
})
