import assert from 'node:assert/strict'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { labels } from '../../src/model/labels.ts'
import { docker } from '../support/command.ts'
import { freePort } from '../support/free-port.ts'
import { labelOf } from '../support/docker-objects.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, statusOf } from '../support/test-pod.ts'
import { applyExample, readExample, withImage } from './examples.ts'
import { GuardedRegistry } from './guarded-registry.ts'

const opened = new Opened()
// Closed after the node: its images can go when nothing runs with them.
const registry = await opened.open(GuardedRegistry.start())
const node = await opened.open(TestNode.start())

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

async function readPage(url: string): Promise<string> {
  const answer = await fetch(url)
  assert.equal(answer.status, 200, url)
  return answer.text()
}

describe('The examples', { concurrency: 8 }, () => {
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

  it('javaweb-2 serves on a port of the node what its init container brought', async () => {
    const hostPort = await freePort()
    await applyExample(node, 'javaweb-2.yaml', (spec) => ({
      ...spec,
      containers: spec.containers.map((one) => ({
        ...one,
        ports: (one.ports ?? []).map((port) => ({ ...port, hostPort })),
      })),
    }))
    const pod = await node.until('javaweb-2', 'ready', isReady)
    await node.untilPrinted(pod, 'tomcat', 'Starting on port 8080')
    const page = '<html><body><h2>Hello from sample.war</h2></body></html>\n'
    assert.equal(await readPage(`http://127.0.0.1:${hostPort}/sample/`), page)
    assert.equal(await readPage(`http://${pod.status?.podIP}:8080/sample/`), page)
  })

  it('log-collector prints what the application writes to its files', async () => {
    await applyExample(node, 'log-collector.yaml')
    const pod = await node.until('counter', 'ready', isReady)
    assert.match(await node.untilPrinted(pod, 'count-log', '\n1: '), /^0: .*\n1: /u)
  })

  it('log-collector-sidecar ends after the application, with all its lines', async (t) => {
    const standalone = await StandaloneNode.start()
    t.after(() => standalone[Symbol.asyncDispose]())
    const [manifest] = await readExample('log-collector-sidecar.yaml')
    await standalone.write('counter-sidecar.yaml', manifest ?? {})
    const sidecarOf = (seen: Pod | undefined) => seen?.status?.initContainerStatuses?.[0]
    const pod = await standalone.until(
      'counter-sidecar',
      'over',
      (seen) => seen?.status?.phase === 'Succeeded' && sidecarOf(seen)?.state?.terminated !== undefined,
    )
    const printed = await docker('logs', sidecarOf(pod)?.containerID?.replace('docker://', '') ?? '')
    assert.deepEqual(printed.match(/^\d/gmu), ['1', '2', '3'])
  })

  it("private-image is pulled with its own secret, private-image-account with its ServiceAccount's", async () => {
    await registry.createSecret(node, 'regcred')
    const [image, another] = await Promise.all([
      registry.push('private/busybox:1.36', node.folder),
      registry.push('private/another:1.36', node.folder),
    ])
    await applyExample(node, 'private-image.yaml', withImage(image))
    await applyExample(node, 'private-image-account.yaml', withImage(another))
    await node.until('private-reg', 'ready', isReady)
    await node.until('private-reg-account', 'ready', isReady)
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
