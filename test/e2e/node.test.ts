import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { before, describe, it } from 'node:test'
import type { KubeNode, Lease, NodeCondition } from '../../src/model/kube.ts'
import { dockerTarget } from '../integration/support/proxied-docker.ts'
import { TestProxy } from '../integration/support/test-proxy.ts'
import { docker } from '../support/command.ts'
import type { Change, Watch } from '../support/kubectl.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, isReady, podManifest, staying, statusOf } from '../support/test-pod.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-proxy-'))
opened.defer(() => rm(folder, { recursive: true }))
const socket = join(folder, 'docker.sock')
const proxy = await opened.open(TestProxy.listen({ target: dockerTarget(), path: socket }))
const starting = TestNode.start(
  `--docker-host=unix://${socket}`,
  '--node-labels=minikubelet.test/colour=blue',
  '--max-pods=17',
  // The machine may have any number of images, and those of the tests are small.
  '--node-status-max-images=-1',
  '--node-status-update-frequency=1s',
)
const node = await opened.open(starting)
const nodes = await opened.open(node.kubectl.watch<KubeNode>('/api/v1/nodes', node.name))

/** Waits until the Node, as it is then, passes `test`. */
function untilNode(what: string, test: (node: KubeNode) => boolean): Promise<KubeNode> {
  return nodes.changes.until(`Node ${what}`, (changes) => {
    const last = changes.at(-1)?.object
    return last !== undefined && test(last) ? last : undefined
  })
}

function condition(of: KubeNode, type: string): NodeCondition | undefined {
  return of.status?.conditions?.find((one) => one.type === type)
}

const isReadyNode = (of: KubeNode): boolean => condition(of, 'Ready')?.status === 'True'

describe('The Node object', () => {
  before(() => untilNode('ready', isReadyNode))

  it('says what the node is, where, and what it can take', async () => {
    const { metadata, spec, status } = await untilNode('ready', isReadyNode)
    const architecture = process.arch === 'x64' ? 'amd64' : process.arch
    assert.deepEqual(metadata?.labels, {
      'beta.kubernetes.io/arch': architecture,
      'beta.kubernetes.io/os': 'linux',
      'kubernetes.io/arch': architecture,
      'kubernetes.io/hostname': node.name,
      'kubernetes.io/os': 'linux',
      'minikubelet.test/colour': 'blue',
    })
    assert.ok(
      spec?.taints?.some(
        ({ key, value, effect }) => `${key}=${value ?? ''}:${effect}` === `e2e=${node.name}:NoSchedule`,
      ),
    )
    assert.deepEqual(status?.addresses, [
      { type: 'InternalIP', address: '127.0.0.1' },
      { type: 'Hostname', address: node.name },
    ])
    assert.deepEqual([status.capacity?.['pods'], status.allocatable?.['pods']], ['17', '17'])
    assert.equal(status.capacity?.['cpu'], await docker('info', '--format', '{{.NCPU}}'))
    const info = status.nodeInfo
    assert.match(info?.kubeletVersion ?? '', /^v1\.\d+\.\d+\+minikubelet\.\d+\.\d+\.\d+$/u)
    assert.equal(
      info?.containerRuntimeVersion,
      `docker://${await docker('version', '--format', '{{.Server.Version}}')}`,
    )
    assert.ok(status.images?.some(({ names }) => names?.includes('busybox:1.36')))
  })

  it("has the kubelet's conditions", async () => {
    const { status } = await untilNode('ready', isReadyNode)
    const own = ['MemoryPressure', 'DiskPressure', 'PIDPressure', 'Ready']
    assert.deepEqual(
      status?.conditions
        ?.filter(({ type }) => own.includes(type))
        .map(({ type, status: value, reason }) => [type, value, reason]),
      [
        ['MemoryPressure', 'False', 'KubeletHasSufficientMemory'],
        ['DiskPressure', 'False', 'KubeletHasNoDiskPressure'],
        ['PIDPressure', 'False', 'KubeletHasSufficientPID'],
        ['Ready', 'True', 'KubeletReady'],
      ],
    )
  })

  it('is kept alive by a lease that is renewed', async () => {
    using leases: Watch<Lease> = node.kubectl.watch(
      '/apis/coordination.k8s.io/v1/namespaces/kube-node-lease/leases',
      node.name,
    )
    const renewed = await leases.changes.until('a renewal', (changes: readonly Change<Lease>[]) => {
      const times = new Set(changes.map(({ object }) => object.spec?.renewTime))
      return times.size >= 2 ? changes.at(-1)?.object : undefined
    })
    const { holderIdentity, leaseDurationSeconds } = renewed.spec ?? {}
    assert.deepEqual({ holderIdentity, leaseDurationSeconds }, { holderIdentity: node.name, leaseDurationSeconds: 40 })
    assert.deepEqual(
      renewed.metadata?.ownerReferences?.map(({ kind, name }) => ({ kind, name })),
      [{ kind: 'Node', name: node.name }],
    )
  })

  it('is put right by an agent that starts, but for what belongs to others', async () => {
    await node.kubectl.run(
      'label',
      'node',
      node.name,
      '--overwrite',
      'kubernetes.io/os=plan9',
      'minikubelet.test/mine=yes',
    )
    await node.agent.stop()
    node.restartAgent()
    const { metadata } = await untilNode('put right', (seen) => seen.metadata?.labels?.['kubernetes.io/os'] === 'linux')
    assert.equal(metadata?.labels?.['minikubelet.test/mine'], 'yes')
  })

  it('reads in kubectl like any other', async () => {
    for (const kubectl of [node.kubectl, node.kubectl.onPath()]) {
      assert.match(
        await kubectl.run('get', 'node', node.name, '--no-headers'),
        new RegExp(`^${node.name} +Ready +<none> +\\S+ +v1\\.\\d`, 'u'),
      )
      const text = await kubectl.run('describe', 'node', node.name)
      assert.match(text, /^ {2}Ready +True .* KubeletReady +kubelet is posting ready status$/mu)
      assert.match(text, /^ {2}InternalIP: +127\.0\.0\.1$/mu)
      assert.match(text, /^ {2}Container Runtime Version: +docker:\/\//mu)
      assert.match(text, /^ {2}Normal +Starting +.* +Starting kubelet\.$/mu)
      assert.match(text, new RegExp(`^ {2}Normal +NodeReady +.* Node ${node.name} status is now: NodeReady$`, 'mu'))
    }
  })

  it('is not ready while Docker does not answer, and its Pods run on', async () => {
    const pod = await node.createUntil(podManifest('through', [staying('main')]), 'ready', isReady)
    proxy.cut()
    const down = await untilNode('not ready', (seen) => !isReadyNode(seen))
    assert.equal(condition(down, 'Ready')?.reason, 'KubeletNotReady')
    assert.match(
      condition(down, 'Ready')?.message ?? '',
      /^container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady/u,
    )
    proxy.restore()
    await untilNode('ready', isReadyNode)
    const after = await node.createUntil(podManifest('afterwards', [staying('main')]), 'ready', isReady)
    assert.equal(statusOf(after, 'main').restartCount, 0)
    const now = await node.until('through', 'ready', isReady)
    assert.equal(dockerId(now, 'main'), dockerId(pod, 'main'))
    assert.equal(statusOf(now, 'main').restartCount, 0)
  })
})
