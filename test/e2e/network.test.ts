import assert from 'node:assert/strict'
import { readFile, readlink } from 'node:fs/promises'
import { hostname } from 'node:os'
import { after, describe, it } from 'node:test'
import { labels } from '../../src/model/labels.ts'
import { docker } from '../support/command.ts'
import { labelOf } from '../support/docker-objects.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'
import { ociRuntimes } from '../support/uts-runtime.ts'

const node = await TestNode.start('--cluster-dns', '10.96.0.10', '--cluster-domain', 'cluster.local')
after(() => node[Symbol.asyncDispose]())
const { hasWrapper } = await ociRuntimes()

const managedHosts = [
  '# Kubernetes-managed hosts file.',
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::0\tip6-localnet',
  'fe00::0\tip6-mcastprefix',
  'fe00::1\tip6-allnodes',
  'fe00::2\tip6-allrouters',
  '',
].join('\n')

const readNamespaces = ['sh', '-c', 'for kind in net ipc uts; do readlink /proc/1/ns/$kind; done'] as const

describe('The network of a Pod', { concurrency: 8 }, () => {
  it('is one in all of its containers, and so are IPC and the hostname, which without the wrapper is copied', async () => {
    const names = ['one', 'two', 'three']
    const manifest = podManifest(
      'shared',
      names.map((name) => staying(name)),
    )
    const pod = await node.createUntil(manifest, 'ready', isReady)
    const printed = await Promise.all(names.map((name) => node.exec(pod, name, ...readNamespaces)))
    const [nets, ipcs, utses] = [0, 1, 2].map((line) => new Set(printed.map((lines) => lines.split('\n')[line])))
    assert.deepEqual([nets?.size, ipcs?.size, utses?.size], [1, 1, hasWrapper ? 1 : 3])
    assert.match(printed[0] ?? '', /^net:\[\d+\]\nipc:\[\d+\]\nuts:\[\d+\]$/u)
    const others = await Promise.all(['net', 'ipc', 'uts'].map((kind) => readlink(`/proc/self/ns/${kind}`)))
    for (const own of printed.join('\n').split('\n')) assert.ok(!others.includes(own), `${own} is the host's`)
    for (const name of names) assert.equal(await node.exec(pod, name, 'hostname'), 'shared')
  })

  it('is told of once, at the start of the agent, where its hostname is but copied', async () => {
    await node.createUntil(podManifest('told', [staying('main')]), 'ready', isReady)
    const told = node.agent.log.items.filter(({ msg }) => msg.startsWith('Docker has no OCI runtime "minikubelet"'))
    assert.equal(told.length, hasWrapper ? 0 : 1)
  })

  it('lets containers meet on localhost', async () => {
    const server = shell(
      'server',
      `trap 'exit 0' TERM; mkdir /www; echo hello >/www/index.html; httpd -h /www -p 127.0.0.1:8080; ${untilTold}`,
    )
    const client = shell('client', 'until wget -qO- http://localhost:8080/; do sleep 0.1; done')
    const manifest = podManifest('localhost', [server, client], { restartPolicy: 'OnFailure' })
    const pod = await node.createUntil(
      manifest,
      'read by the client',
      ({ status }) =>
        status?.containerStatuses?.some(({ name, state }) => name === 'client' && state?.terminated?.exitCode === 0) ===
        true,
    )
    assert.equal(await node.logs(pod, 'client'), 'hello')
  })

  it("has the IP that Docker gave the sandbox, and the status says so, with the node's beside it", async () => {
    const pod = await node.createUntil(podManifest('addressed', [staying('main')]), 'ready', isReady)
    const [sandbox] = (await node.containers(pod)).filter((container) => labelOf(container, labels.kind) === 'sandbox')
    const ip = await docker('inspect', '--format', '{{.NetworkSettings.IPAddress}}', sandbox?.Id ?? '')
    assert.match(ip, /^\d+\.\d+\.\d+\.\d+$/u)
    assert.deepEqual(
      { podIP: pod.status?.podIP, podIPs: pod.status?.podIPs, hostIP: pod.status?.hostIP },
      { podIP: ip, podIPs: [{ ip }], hostIP: '127.0.0.1' },
    )
  })

  it("has the Pod's name as its hostname", async () => {
    const pod = await node.createUntil(podManifest('named', [staying('main')]), 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'hostname'), 'named')
  })

  it('cuts a name that is too long for a hostname', async () => {
    const name = `${'a'.repeat(60)}.${'b'.repeat(20)}`
    const pod = await node.createUntil(podManifest(name, [staying('main')]), 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'hostname'), `${'a'.repeat(60)}.bb`)
  })

  it('has the hostname and the domain of the spec, in /etc/hosts too', async () => {
    const manifest = podManifest('subdomain', [staying('main')], { hostname: 'web-0', subdomain: 'web' })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'hostname'), 'web-0')
    const name = `web-0.web.${node.name}.svc.cluster.local\tweb-0`
    assert.equal(
      `${await node.exec(pod, 'main', 'cat', '/etc/hosts')}\n`,
      `${managedHosts}${pod.status?.podIP ?? ''}\t${name}\n`,
    )
  })

  it("writes /etc/hosts with the Pod's IP and its hostAliases, byte for byte as the kubelet does", async () => {
    const hostAliases = [
      { ip: '127.0.0.1', hostnames: ['foo.local', 'bar.local'] },
      { ip: '10.1.2.3', hostnames: ['foo.remote'] },
    ]
    const manifest = podManifest('aliased', [staying('one'), staying('two')], { hostAliases })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    const aliases = '\n# Entries added by HostAliases.\n127.0.0.1\tfoo.local\tbar.local\n10.1.2.3\tfoo.remote\n'
    const expected = `${managedHosts}${pod.status?.podIP ?? ''}\taliased\n${aliases}`
    for (const container of ['one', 'two'])
      assert.equal(`${await node.exec(pod, container, 'cat', '/etc/hosts')}\n`, expected)
  })

  it('leaves /etc/hosts to a volume that is mounted there', async () => {
    const volumes = [{ name: 'hosts', hostPath: { path: '/etc/hosts', type: 'File' } }]
    const own = staying('own', { volumeMounts: [{ name: 'hosts', mountPath: '/etc/hosts' }] })
    const pod = await node.createUntil(
      podManifest('own-hosts', [own, staying('managed')], { volumes }),
      'ready',
      isReady,
    )
    assert.equal(await node.exec(pod, 'own', 'cat', '/etc/hosts'), (await readFile('/etc/hosts', 'utf8')).trimEnd())
    assert.match(await node.exec(pod, 'managed', 'cat', '/etc/hosts'), /^# Kubernetes-managed hosts file\.\n/u)
  })

  it("asks the cluster's name servers, searching the Pod's namespace first", async () => {
    const pod = await node.createUntil(podManifest('resolving', [staying('main')]), 'ready', isReady)
    const lines = (await node.exec(pod, 'main', 'cat', '/etc/resolv.conf')).split('\n')
    const search = lines.find((line) => line.startsWith('search ')) ?? ''
    assert.ok(lines.includes('nameserver 10.96.0.10'), lines.join('\n'))
    assert.ok(search.startsWith(`search ${node.name}.svc.cluster.local svc.cluster.local cluster.local`), search)
    assert.ok(
      lines.some((line) => line.startsWith('options ') && line.includes('ndots:5')),
      lines.join('\n'),
    )
  })

  it("is the node's for a Pod with hostNetwork: IP, name and hosts file, with the Pod's aliases", async () => {
    const hostAliases = [{ ip: '10.1.2.3', hostnames: ['foo.remote'] }]
    const manifest = podManifest('host-network', [staying('main')], { hostNetwork: true, hostAliases })
    const pod = await node.createUntil(manifest, 'ready', isReady)
    assert.deepEqual([pod.status?.podIP, pod.status?.hostIP], ['127.0.0.1', '127.0.0.1'])
    assert.equal(await node.exec(pod, 'main', 'hostname'), hostname())
    const [net] = (await node.exec(pod, 'main', ...readNamespaces)).split('\n')
    assert.equal(net, await readlink('/proc/self/ns/net'))
    const nodeHosts = await readFile('/etc/hosts', 'utf8')
    const aliases = '\n# Entries added by HostAliases.\n10.1.2.3\tfoo.remote\n'
    assert.equal(
      `${await node.exec(pod, 'main', 'cat', '/etc/hosts')}\n`,
      `# Kubernetes-managed hosts file (host network).\n${nodeHosts}${aliases}`,
    )
  })
})
