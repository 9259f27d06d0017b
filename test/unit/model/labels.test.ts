import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labels, sandboxContainerName } from '../../../src/model/labels.ts'

describe('the labels', () => {
  it('are what containers of other versions of this agent carry', () => {
    assert.deepEqual(labels, {
      podName: 'io.kubernetes.pod.name',
      podNamespace: 'io.kubernetes.pod.namespace',
      podUid: 'io.kubernetes.pod.uid',
      containerName: 'io.kubernetes.container.name',
      sandboxId: 'io.kubernetes.sandbox.id',
      logPath: 'io.kubernetes.container.logpath',
      node: 'minikubelet.node',
      kind: 'minikubelet.kind',
      attempt: 'minikubelet.attempt',
      hash: 'minikubelet.hash',
      resources: 'minikubelet.resources',
      terminationMessagePath: 'minikubelet.termination-message-path',
      terminationMessagePolicy: 'minikubelet.termination-message-policy',
      volumeName: 'minikubelet.volume',
      terminationGracePeriodSeconds: 'minikubelet.termination-grace-period-seconds',
    })
    assert.equal(sandboxContainerName, 'POD')
  })

  it('never include the one by which a dockershim adopts containers', () => {
    assert.equal(new Set<string>(Object.values(labels)).has('io.kubernetes.docker.type'), false)
  })
})
