import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerId } from '../../../src/model/ids.ts'
import { containerLabels, containerName, sandboxLabels, sandboxName } from '../../../src/translate/identity.ts'
import { aContainer, aPod, aPodUid } from '../../builders/pod.ts'

const identity = {
  nodeName: 'node-1',
  sandboxId: containerId('sandbox-0'),
  attempt: 3,
  logPath: '/var/log/pods/default_web_uid/main/3.log',
}

const owner = {
  'minikubelet.node': 'node-1',
  'io.kubernetes.pod.name': 'web',
  'io.kubernetes.pod.namespace': 'default',
  'io.kubernetes.pod.uid': aPodUid,
}

describe('names in Docker', () => {
  it('are those of the kubelet', () => {
    assert.equal(containerName(aPod(), 'main', 3), `k8s_main_web_default_${aPodUid}_3`)
    assert.equal(sandboxName(aPod(), 1), `k8s_POD_web_default_${aPodUid}_1`)
  })

  it('carry the longest names that the API server accepts', () => {
    const pod = aPod({ metadata: { name: 'p'.repeat(253), namespace: 'n'.repeat(63) } })
    assert.equal(
      containerName(pod, 'c'.repeat(63), 12),
      `k8s_${'c'.repeat(63)}_${'p'.repeat(253)}_${'n'.repeat(63)}_${aPodUid}_12`,
    )
  })

  it('differ for every container, attempt and Pod', () => {
    const names = [
      containerName(aPod(), 'main', 0),
      containerName(aPod(), 'main', 1),
      containerName(aPod(), 'side', 0),
      containerName(aPod({ metadata: { uid: 'another' } }), 'main', 0),
      sandboxName(aPod(), 0),
    ]
    assert.equal(new Set(names).size, names.length)
  })
})

describe('sandboxLabels', () => {
  it('say whose sandbox it is, the how-manieth, on which node', () => {
    assert.deepEqual(sandboxLabels(aPod(), 'node-1', 1), {
      ...owner,
      'minikubelet.kind': 'sandbox',
      'io.kubernetes.container.name': 'POD',
      'minikubelet.attempt': '1',
    })
  })

  it('note what the Pod had been given when it was made', () => {
    const resources = { requests: { cpu: '100m' }, limits: { memory: '64Mi' } }
    const pod = aPod({
      spec: {
        resources: { requests: { cpu: '1' } },
        containers: [aContainer({ resources }), aContainer({ name: 'side' })],
      },
    })
    assert.deepEqual(JSON.parse(sandboxLabels(pod, 'node-1', 0)['minikubelet.resources'] ?? ''), {
      pod: { requests: { cpu: '1' } },
      containers: { main: resources },
    })
  })

  it("carry the Pod's own labels", () => {
    const pod = aPod({ metadata: { labels: { app: 'web', 'example.com/tier': 'front' } } })
    assert.deepEqual(sandboxLabels(pod, 'node-1', 0), {
      ...owner,
      app: 'web',
      'example.com/tier': 'front',
      'minikubelet.kind': 'sandbox',
      'io.kubernetes.container.name': 'POD',
      'minikubelet.attempt': '0',
    })
  })

  it("keep a Pod's labels from taking the place of ours, or from making a dockershim adopt the sandbox", () => {
    const labels = {
      'io.kubernetes.docker.type': 'podsandbox',
      'io.kubernetes.pod.uid': 'another',
      'io.kubernetes.container.name': 'main',
      'minikubelet.node': 'node-2',
      'minikubelet.kind': 'container',
      'minikubelet.attempt': '99',
    }
    assert.deepEqual(sandboxLabels(aPod({ metadata: { labels } }), 'node-1', 0), sandboxLabels(aPod(), 'node-1', 0))
  })
})

describe('containerLabels', () => {
  const labels = {
    ...owner,
    'minikubelet.kind': 'container',
    'io.kubernetes.container.name': 'main',
    'io.kubernetes.sandbox.id': 'sandbox-0',
    'minikubelet.attempt': '3',
    'io.kubernetes.container.logpath': '/var/log/pods/default_web_uid/main/3.log',
    'minikubelet.hash': 'a10f5af4',
    'minikubelet.resources': '{}',
    'minikubelet.termination-message-path': '/dev/termination-log',
    'minikubelet.termination-message-policy': 'File',
    'minikubelet.termination-grace-period-seconds': '30',
  }

  it('hold all that is needed when the Pod is gone', () => {
    assert.deepEqual(containerLabels(aPod(), aContainer(), identity), labels)
  })

  it("leave out a grace that the Pod doesn't set", () => {
    const { terminationGracePeriodSeconds: _, ...spec } = aPod().spec
    const { 'minikubelet.termination-grace-period-seconds': __, ...others } = labels
    assert.deepEqual(containerLabels({ ...aPod(), spec }, aContainer(), identity), others)
  })

  it('say that a container without a message path has none', () => {
    const { terminationMessagePath: _, terminationMessagePolicy: __, ...container } = aContainer()
    assert.deepEqual(containerLabels(aPod(), container, identity), {
      ...labels,
      'minikubelet.termination-message-path': '',
    })
  })

  it("carry no label of the Pod's own", () => {
    const pod = aPod({ metadata: { labels: { app: 'web', 'io.kubernetes.docker.type': 'container' } } })
    assert.deepEqual(containerLabels(pod, aContainer(), identity), labels)
  })
})
