import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodCondition } from '../../../src/model/kube.ts'
import { nowMs } from '../../builders/observed.ts'
import { aContainer, containersNamed } from '../../builders/pod.ts'
import { nodeIp } from '../../support/agent-life.ts'
import { aNode } from '../../support/node-in-memory.ts'
import { bodiesOf, told } from './told.ts'

/** The builders' `nowMs` as the API server writes it. */
const now = '2026-11-21T10:00:00Z'

function condition(type: string, status: 'True' | 'False', more: Partial<PodCondition> = {}): PodCondition {
  return { type, status, ...more, lastTransitionTime: now, observedGeneration: 1 }
}

describe('the start of a Pod', () => {
  it('takes eight calls to Docker, none of whose answers was known', async (t) => {
    await using node = await aNode(t)
    node.takeCalls()
    await node.run({ name: 'web' })
    assert.deepEqual(node.takeCalls(), [
      'inspectImage pause:test',
      'inspectImage busybox:1.36',
      'create sandbox 0',
      'start sandbox 0',
      'inspect sandbox 0',
      'create main 0',
      'start main 0',
      'inspect main 0',
    ])
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it('asks for images only once, however many Pods want them', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web-1' })
    node.takeCalls()
    await node.run({ name: 'web-2' })
    assert.deepEqual(node.takeCalls().toSorted(), [
      'create main 0',
      'create sandbox 0',
      'inspect main 0',
      'inspect sandbox 0',
      'start main 0',
      'start sandbox 0',
    ])
  })

  it('brings the events of the kubelet in their order', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const events = node.takeEvents()
    assert.deepEqual(told(events), [
      'Normal Pulled Container image "busybox:1.36" already present on machine and can be accessed by the pod',
      'Normal Created Container created',
      'Normal Started Container started',
    ])
    const ip = '172.17.0.1'
    assert.deepEqual(bodiesOf(events), [
      { kind: 'pod-seen', source: 'api' },
      { kind: 'image-present', containerName: 'main', image: 'busybox:1.36' },
      { kind: 'sandbox-created', attempt: 0, durationMs: 0 },
      { kind: 'sandbox-started', ips: [ip], durationMs: 0 },
      { kind: 'container-created', containerName: 'main', durationMs: 0 },
      { kind: 'container-started', containerName: 'main', attempt: 0, durationMs: 0 },
      { kind: 'status-sent', phase: 'Running', ready: true, durationMs: 0, changedAtMs: nowMs },
    ])
  })

  it('is written to the API server once, when all of it is known', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    assert.equal(node.cluster.count('patchPodStatus'), 1)
    const ip = '172.17.0.1'
    const { id } = node.container('main 0')
    assert.deepEqual(node.status('web'), {
      observedGeneration: 1,
      phase: 'Running',
      conditions: [
        condition('PodReadyToStartContainers', 'True'),
        condition('Initialized', 'True'),
        condition('Ready', 'True'),
        condition('ContainersReady', 'True'),
        condition('PodScheduled', 'True'),
      ],
      hostIP: nodeIp,
      hostIPs: [{ ip: nodeIp }],
      podIP: ip,
      podIPs: [{ ip }],
      startTime: now,
      qosClass: 'BestEffort',
      resources: {},
      containerStatuses: [
        {
          name: 'main',
          state: { running: { startedAt: now } },
          lastState: {},
          ready: true,
          started: true,
          restartCount: 0,
          image: 'busybox:1.36',
          imageID: `docker://${node.docker.findImage('busybox:1.36')?.id}`,
          containerID: `docker://${id}`,
          resources: {},
        },
      ],
    })
  })

  it('is told while it lasts: creating, with the reason of each container', async (t) => {
    await using node = await aNode(t)
    const release = node.engineGate.hold('start')
    await node.run({ name: 'web' })
    await node.advance(400)
    const unready = { reason: 'ContainersNotReady', message: 'containers with unready status: [main]' }
    assert.deepEqual(node.status('web'), {
      observedGeneration: 1,
      phase: 'Pending',
      conditions: [
        condition('PodReadyToStartContainers', 'False'),
        condition('Initialized', 'True'),
        condition('Ready', 'False', unready),
        condition('ContainersReady', 'False', unready),
        condition('PodScheduled', 'True'),
      ],
      hostIP: nodeIp,
      hostIPs: [{ ip: nodeIp }],
      startTime: now,
      qosClass: 'BestEffort',
      resources: {},
      containerStatuses: [
        {
          name: 'main',
          state: { waiting: { reason: 'ContainerCreating' } },
          lastState: {},
          ready: false,
          started: false,
          restartCount: 0,
          image: 'busybox:1.36',
          imageID: '',
        },
      ],
    })
    release()
    await node.settled()
    assert.equal(node.status('web')?.phase, 'Running')
  })

  it('creates the containers while the sandbox starts, and starts them when it has', async (t) => {
    await using node = await aNode(t)
    const release = node.engineGate.hold('start')
    await node.run({ name: 'web', spec: { containers: containersNamed('one', 'two') } })
    assert.deepEqual(node.containers.toSorted(), ['one 0 created', 'sandbox 0 created', 'two 0 created'])
    node.takeCalls()
    release()
    await node.settled()
    assert.deepEqual(node.takeCalls().toSorted(), [
      'inspect one 0',
      'inspect sandbox 0',
      'inspect two 0',
      'start one 0',
      'start two 0',
    ])
  })

  it('starts the containers one after the other, in the order of the spec', async (t) => {
    await using node = await aNode(t)
    let release = node.engineGate.hold('start')
    await node.run({ name: 'web', spec: { containers: containersNamed('b', 'a', 'c') } })
    const running: (readonly string[])[] = []
    for (let step = 0; step < 4; step += 1) {
      release()
      release = node.engineGate.hold('start')
      await node.settled()
      running.push(node.containers.filter((container) => container.endsWith('running')))
    }
    assert.deepEqual(
      running.map((names) => names.length),
      [1, 2, 3, 4],
    )
    assert.deepEqual(
      node.takeCalls().filter((call) => call.startsWith('start')),
      ['start sandbox 0', 'start b 0', 'start a 0', 'start c 0'],
    )
  })

  it('prepares what stands behind a container whose image is being pulled, and starts it after that one', async (t) => {
    await using node = await aNode(t)
    node.docker.publish('slow:1')
    const release = node.engineGate.hold('pullImage')
    const containers = [aContainer({ name: 'slow', image: 'slow:1' }), aContainer({ name: 'fast' })]
    await node.run({ name: 'web', spec: { containers } })
    assert.deepEqual(node.containers, ['sandbox 0 running', 'fast 0 created'])
    release()
    await node.settled()
    const starts = node.takeCalls().filter((call) => call.startsWith('start'))
    assert.deepEqual(starts, ['start sandbox 0', 'start slow 0', 'start fast 0'])
  })

  it('is not held up by a container whose image cannot be had', async (t) => {
    await using node = await aNode(t)
    const containers = [
      aContainer({ name: 'bad', image: 'bad:1', imagePullPolicy: 'Never' }),
      aContainer({ name: 'good' }),
    ]
    await node.run({ name: 'web', spec: { containers } })
    assert.deepEqual(node.containers, ['sandbox 0 running', 'good 0 running'])
    await node.advance(1000)
    assert.equal(node.status('web')?.phase, 'Pending')
  })

  it('of forty Pods at once takes the same calls for each', async (t) => {
    await using node = await aNode(t)
    node.takeCalls()
    for (let number = 0; number < 40; number += 1) {
      node.server.createPod({ name: `web-${number}`, nodeName: node.nodeName })
    }
    await node.settled()
    const counts = new Map<string, number>()
    for (const call of node.takeCalls()) counts.set(call, (counts.get(call) ?? 0) + 1)
    assert.deepEqual(
      [
        'create sandbox 0',
        'start sandbox 0',
        'inspect sandbox 0',
        'create main 0',
        'start main 0',
        'inspect main 0',
      ].map((call) => counts.get(call)),
      [40, 40, 40, 40, 40, 40],
    )
    assert.deepEqual(
      node.server.pods.map(({ status }) => status?.phase),
      Array.from({ length: 40 }, () => 'Running'),
    )
    assert.equal(node.cluster.count('patchPodStatus'), 40)
  })
})

describe('a Pod that runs', () => {
  it('costs nothing: an hour brings Docker a list each minute and the API server nothing', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    const asked = node.cluster.calls.length
    node.takeCalls()
    node.takeEvents()
    await node.advance(3_600_000)
    assert.deepEqual(
      node.takeCalls(),
      Array.from({ length: 60 }, () => 'list'),
    )
    assert.equal(node.cluster.calls.length, asked)
    assert.deepEqual(node.takeEvents(), [])
  })

  it('is left as it is when its object changes in what concerns no container', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web' })
    node.takeCalls()
    node.server.updatePod('default', 'web', { metadata: { labels: { colour: 'blue' } } })
    await node.settled()
    assert.deepEqual(node.takeCalls(), [])
    assert.equal(node.cluster.count('patchPodStatus'), 1)
  })
})
