import assert from 'node:assert/strict'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import { Kubectl } from '../support/kubectl.ts'
import { PeerKubelet } from '../support/peer-kubelet.ts'
import { dockerApi } from '../support/docker-api.ts'
import { SpareDocker } from '../support/spare-docker.ts'
import { TestNode } from '../support/test-node.ts'
import { differences, isStated, statedDifferences, type Difference } from './peer/differences.ts'
import { inspectAll, type Settings } from './peer/inspected.ts'
import { buildImages } from './peer/images.ts'
import { comparedObjects, comparedPods } from './peer/pods.ts'

/** Makes the Pods in a namespace of the node's name, and says what their containers were made of. */
async function made(
  docker: SpareDocker,
  node: string,
  kubectl: Kubectl,
  podLogs = '/var/log/pods',
): Promise<ReadonlyMap<string, Settings>> {
  await kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items: comparedObjects })
  const { spec } = await kubectl.get<{ readonly spec: { readonly clusterIP: string } }>('service', 'served')
  const place = { nodeName: node, tolerations: [{ operator: 'Exists' }] }
  const items = comparedPods.map((manifest) => ({ ...manifest, spec: { ...place, ...manifest.spec } }))
  await kubectl.feed('create', { apiVersion: 'v1', kind: 'List', items })
  await kubectl.run('wait', '--for=condition=Ready', 'pod', '--all', '--timeout=100s')
  const names = new Map([
    // Each has a root of its own for its cgroups, too.
    [`/${node}/kubepods`, '/kubepods'],
    [podLogs, '/var/log/pods'],
    [node, '<node>'],
    [spec.clusterIP, '<service>'],
  ])
  return inspectAll(docker, node, names)
}

async function madeByPeer(docker: SpareDocker): Promise<ReadonlyMap<string, Settings>> {
  await using peer = await PeerKubelet.start(docker.host)
  const kubectl = await Kubectl.connect(peer.name)
  await kubectl.makeNamespace()
  try {
    return await made(docker, peer.name, kubectl)
  } finally {
    await kubectl.run('delete', 'pods', '--all', '--force', '--grace-period=0', '--wait=false')
    await kubectl.run('delete', 'namespace', peer.name, '--wait=false')
  }
}

const api = await dockerApi()

describe('The same Pods, made by the real kubelet and by this one', () => {
  let theirs: ReadonlyMap<string, Settings> = new Map()
  let ours: ReadonlyMap<string, Settings> = new Map()
  let found: readonly Difference[] = []

  before(async () => {
    await using docker = await SpareDocker.start('busybox:1.36')
    await buildImages(docker)
    // One after the other: they ask for the same ports of the host.
    theirs = await madeByPeer(docker)
    await using node = await TestNode.start(
      `--docker-host=${docker.host}`,
      '--cluster-dns=10.96.0.10',
      '--cluster-domain=cluster.local',
    )
    ours = await made(docker, node.name, node.kubectl, join(node.folder, 'pod-logs'))
    found = differences(theirs, ours)
    // The agent takes their cgroups along; without it they would outlive their Docker.
    await node.kubectl.run('delete', 'pods', '--all', '--grace-period=1')
  })

  it('have the same containers', () => {
    assert.deepEqual([...ours.keys()].toSorted(), [...theirs.keys()].toSorted())
    assert.ok(ours.size > comparedPods.length)
    // Those that ran were looked at from inside, too.
    assert.equal(ours.get('names main')?.get('Inside.hostname'), '"given"')
  })

  it('differ in nothing but what is stated', () => {
    const unstated = found.filter((difference) => !statedDifferences.some((stated) => isStated(difference, stated)))
    assert.deepEqual(unstated, [])
  })

  for (const stated of statedDifferences.filter(({ untilApi = Infinity }) => api < untilApi)) {
    it(`differ in ${stated.what}: ${stated.why}`, () =>
      assert.ok(found.some((difference) => isStated(difference, stated))))
  }
})
