import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { labels } from '../../src/model/labels.ts'
import { labelOf } from '../support/docker-objects.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, statusOf } from '../support/test-pod.ts'
import { applyExample } from './examples.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** Waits until just two Pods of a Deployment have this image, are ready, and not deleted. */
function twoReplicas(image: string): Promise<readonly Pod[]> {
  return node.podChanges.until(`two replicas with ${image}`, () => {
    const found = node
      .pods()
      .filter(({ metadata, spec }) => !metadata.deletionTimestamp && spec.containers[0]?.image === image)
    return found.length === 2 && found.every(isReady) ? found : undefined
  })
}

/** The UIDs of the Pods that Docker has anything of. */
async function podsInDocker(app: string): Promise<readonly string[]> {
  const found = (await node.containers()).filter((container) => labelOf(container, labels.containerName) === app)
  return found.map((container) => labelOf(container, labels.podUid)).toSorted()
}

describe('The examples', { concurrency: 4 }, () => {
  it('hostaliases-pod prints its hosts file and succeeds', async () => {
    await applyExample(node, 'hostaliases-pod.yaml')
    const pod = await node.until('hostaliases-pod', 'over', hasPhase('Succeeded'))
    assert.equal(statusOf(pod, 'cat-hosts').state?.terminated?.reason, 'Completed')
    // Its IP went with its sandbox; the file has it.
    const ip = node.versions('hostaliases-pod').find(({ status }) => status?.podIP !== undefined)?.status?.podIP
    const printed = await node.logs(pod, 'cat-hosts')
    assert.match(printed, /^# Kubernetes-managed hosts file\.\n127\.0\.0\.1\tlocalhost\n/u)
    assert.ok(ip === undefined || printed.includes(`\n${ip}\thostaliases-pod\n`), printed)
    assert.ok(
      printed.endsWith(
        '\thostaliases-pod\n\n# Entries added by HostAliases.\n127.0.0.1\tfoo.local\tbar.local\n10.1.2.3\tfoo.remote\tbar.remote',
      ),
      printed,
    )
  })

  it('two-containers serves over localhost what its other container wrote', async () => {
    const path = join(node.folder, 'data')
    await applyExample(node, 'two-containers.yaml', (spec) => ({
      ...spec,
      volumes: (spec.volumes ?? []).map((volume) => ({ ...volume, hostPath: { ...volume.hostPath, path } })),
    }))
    const pod = await node.until(
      'two-containers',
      'written and served',
      ({ status }) =>
        status?.containerStatuses?.some((container) => container.state?.terminated?.exitCode === 0) === true &&
        status.containerStatuses.some((container) => container.state?.running !== undefined),
    )
    assert.equal(pod.status?.phase, 'Running')
    const get = 'exec 3<>/dev/tcp/localhost/80; printf "GET / HTTP/1.0\\r\\n\\r\\n" >&3; cat <&3'
    const answer = await node.exec(pod, 'nginx-container', 'bash', '-c', get)
    assert.match(answer, /^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nHello from the debian container$/u)
  })

  it('emptydir-handover hands a file from one container to the other', async () => {
    await applyExample(node, 'emptydir-handover.yaml')
    const pod = await node.until('emptydir-handover', 'ready', isReady)
    const read = await node.exec(pod, 'reader', 'sh', '-c', 'until cat /in/message; do sleep 0.1; done')
    assert.equal(read, 'handed over by the writer on emptydir-handover')
  })

  it("host-network sees the node's network, name and hosts", async () => {
    await applyExample(node, 'host-network.yaml')
    const pod = await node.until('host-network', 'ready', isReady)
    assert.equal(pod.status?.podIP, '127.0.0.1')
    const printed = await node.untilPrinted(pod, 'look', '# Kubernetes-managed hosts file (host network).\n')
    assert.equal(printed.split('\n')[0], hostname())
  })

  it('nginx-deployment comes up twice, is updated Pod by Pod, repaired, and taken away', async () => {
    const { kubectl } = node
    const rolledOut = () => kubectl.run('rollout', 'status', 'deployment/nginx-deployment', '--timeout=90s')
    await applyExample(node, 'nginx-deployment.yaml')
    assert.match(await rolledOut(), /successfully rolled out/u)
    const old = await twoReplicas('nginx:1.17.8')

    await applyExample(node, 'nginx-deployment-update.yaml')
    assert.match(await rolledOut(), /successfully rolled out/u)
    await Promise.all(old.map(({ metadata }) => node.untilGone(metadata.name)))
    const [first, second] = await twoReplicas('nginx:1.17.10')
    assert.ok(first !== undefined && second !== undefined)
    assert.deepEqual(await podsInDocker('nginx'), [first.metadata.uid, second.metadata.uid].toSorted())

    await Promise.all([
      kubectl.run('delete', 'pod', first.metadata.name),
      kubectl.run('delete', 'pod', second.metadata.name, '--force', '--grace-period=0'),
    ])
    assert.match(await rolledOut(), /successfully rolled out/u)
    await Promise.all([first, second].map(({ metadata }) => node.agent.logged('pod-removed', metadata.name)))
    const repaired = (await twoReplicas('nginx:1.17.10')).map(({ metadata }) => metadata)
    assert.deepEqual(await podsInDocker('nginx'), repaired.map(({ uid }) => uid).toSorted())

    await kubectl.run('delete', 'deployment', 'nginx-deployment')
    await Promise.all(repaired.map(({ name }) => node.untilGone(name)))
    assert.deepEqual(await podsInDocker('nginx'), [])
  })
})
