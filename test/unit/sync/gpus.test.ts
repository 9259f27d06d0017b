import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec, PodSpec } from '../../../src/model/kube.ts'
import { labels } from '../../../src/model/labels.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import type { NodeOptions } from '../../support/node-options.ts'

const allocatable = { cpu: '4', memory: '8Gi', pods: '110', 'nvidia.com/gpu': '3' }
const withGpus: NodeOptions = { gpus: ['0', '1', '2'], node: { status: { allocatable } } }

function wanting(count: number, change: Partial<ContainerSpec> = {}): ContainerSpec {
  const amounts = { 'nvidia.com/gpu': String(count) }
  return aContainer({ resources: { requests: amounts, limits: amounts }, ...change })
}

/** What containers of a Pod were given, the newest instance of each, by name. */
function given(node: NodeInMemory, podName: string): Readonly<Record<string, readonly string[]>> {
  const own = node.docker.containers
    .map(({ request }) => request.body)
    .filter(({ Labels }) => {
      return Labels[labels.podName] === podName && Labels[labels.kind] === 'container'
    })
  return Object.fromEntries(
    own.map(({ Labels, HostConfig }) => [
      Labels[labels.containerName] ?? '',
      HostConfig.DeviceRequests?.flatMap(({ DeviceIDs }) => DeviceIDs) ?? [],
    ]),
  )
}

function spec(...containers: readonly ContainerSpec[]): Partial<PodSpec> {
  return { containers }
}

describe('GPUs', () => {
  it('are each given to one container only, and to none that asks for none', async (t) => {
    await using node = await aNode(t, withGpus)
    await node.run({ name: 'one', spec: spec(wanting(1), aContainer({ name: 'none' })) })
    await node.run({ name: 'two', spec: spec(wanting(1), wanting(1, { name: 'other' })) })
    assert.deepEqual(given(node, 'one'), { main: ['0'], none: [] })
    assert.deepEqual(Object.values(given(node, 'two')).flat().toSorted(), ['1', '2'])
  })

  it('are given out by the next agent with those in mind that are given, and are free when their Pod is over', async (t) => {
    await using node = await aNode(t, withGpus)
    await node.run({ name: 'one', spec: spec(wanting(2)) })
    node.kill()
    await node.restart()
    await node.run({ name: 'two', spec: spec(wanting(1)) })
    assert.deepEqual([given(node, 'one'), given(node, 'two')], [{ main: ['0', '1'] }, { main: ['2'] }])
    node.server.deletePodGracefully('default', 'one', 1)
    await node.settled()
    await node.run({ name: 'three', spec: spec(wanting(2)) })
    assert.deepEqual(given(node, 'three'), { main: ['0', '1'] })
  })

  it('of an init container are those of the containers after it', async (t) => {
    await using node = await aNode(t, { ...withGpus, programs: { init: { kind: 'exits', exitCode: 0 } } })
    const initContainers = [wanting(2, { name: 'init' })]
    await node.run({ name: 'one', spec: { initContainers, containers: [wanting(3)] } })
    assert.deepEqual(given(node, 'one'), { init: ['0', '1'], main: ['0', '1', '2'] })
  })

  it('are nothing that an agent without any looks at', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'one', spec: spec(wanting(1)) })
    assert.deepEqual(given(node, 'one'), { main: [] })
  })
})
