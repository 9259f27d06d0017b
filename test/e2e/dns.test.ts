import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const opened = new Opened()
const folder = await mkdtemp(join(tmpdir(), 'minikubelet-dns-'))
opened.defer(() => rm(folder, { recursive: true }))
const hostConf = join(folder, 'resolv.conf')
await writeFile(hostConf, 'nameserver 192.0.2.53\nsearch example.com. .\noptions timeout:1\n')
const longSearches = Array.from({ length: 31 }, (_, index) => `d${index}.example.com`)
const longConf = join(folder, 'long.conf')
await writeFile(longConf, `nameserver 192.0.2.53\nsearch ${longSearches.join(' ')}\n`)
const network = `e2e-${process.pid}`
await docker('network', 'create', network)
opened.defer(() => docker('network', 'rm', network))

const cluster = ['--cluster-dns=10.96.0.10', '--cluster-domain=cluster.local', `--resolv-conf=${hostConf}`]
const [node, onNetwork, bare] = await Promise.all([
  opened.open(TestNode.start(...cluster)),
  opened.open(TestNode.start(...cluster, `--network=${network}`)),
  opened.open(TestNode.start('--cluster-domain=cluster.local', `--resolv-conf=${longConf}`)),
])

/** What the resolver of a Pod with this spec reads. */
async function resolvConf(on: TestNode, name: string, spec: Partial<PodSpec>): Promise<readonly string[]> {
  const pod = await on.createUntil(podManifest(name, [staying('main')], spec), 'ready', isReady)
  return (await on.exec(pod, 'main', 'cat', '/etc/resolv.conf')).split('\n')
}

const asCluster = (namespace: string): readonly string[] => [
  'nameserver 10.96.0.10',
  `search ${namespace}.svc.cluster.local svc.cluster.local cluster.local example.com`,
  'options ndots:5',
]
const asHost = ['nameserver 192.0.2.53', 'search example.com', 'options timeout:1']
const dnsConfig = {
  nameservers: ['1.1.1.1'],
  searches: ['.', '_sip._tcp.abc_d.example.org'],
  options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
}

const table: readonly (readonly [spec: Partial<PodSpec>, lines: (namespace: string) => readonly string[]])[] = [
  [{ dnsPolicy: 'ClusterFirst' }, asCluster],
  [{ dnsPolicy: 'Default' }, () => asHost],
  [{ dnsPolicy: 'ClusterFirst', hostNetwork: true }, () => asHost],
  [{ dnsPolicy: 'ClusterFirstWithHostNet', hostNetwork: true }, asCluster],
  [
    { dnsPolicy: 'None', dnsConfig },
    () => ['nameserver 1.1.1.1', 'search . _sip._tcp.abc_d.example.org', 'options ndots:2 edns0'],
  ],
  [
    { dnsPolicy: 'Default', dnsConfig, hostNetwork: true },
    () => [
      'nameserver 192.0.2.53',
      'nameserver 1.1.1.1',
      'search example.com . _sip._tcp.abc_d.example.org',
      'options timeout:1 ndots:2 edns0',
    ],
  ],
]

// An API server of 2020 knows of no dot, and of no underscore, in a search.
const isOld = (await node.kubectl.serverMinor()) < 33
const forServer = (spec: Partial<PodSpec>): Partial<PodSpec> =>
  isOld && spec.dnsConfig !== undefined
    ? { ...spec, dnsConfig: { ...dnsConfig, searches: ['sip.example.org', 'tcp.example.org'] } }
    : spec
const forAnswer = (lines: readonly string[]): readonly string[] =>
  isOld ? lines.map((line) => line.replace('. _sip._tcp.abc_d.example.org', 'sip.example.org tcp.example.org')) : lines

describe('The resolv.conf of a Pod', { concurrency: 6 }, () => {
  for (const [number, [spec, lines]] of table.entries()) {
    it(`has the lines of a kubelet under ${JSON.stringify(spec)}`, async () => {
      assert.deepEqual(await resolvConf(node, `dns-${number}`, forServer(spec)), forAnswer(lines(node.name)))
    })
  }

  it("is the same in a network of one's own, where Docker would put its own name server into it", async () => {
    assert.deepEqual(await resolvConf(onNetwork, 'cluster', {}), asCluster(onNetwork.name))
    assert.deepEqual(await resolvConf(onNetwork, 'host', { hostNetwork: true }), asHost)
  })

  it('is cut to what a resolver reads, and an event says what is left', async () => {
    const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3']
    const [server, second, third] = await resolvConf(node, 'cut', { dnsConfig: { nameservers } })
    assert.deepEqual([server, second, third], ['nameserver 10.96.0.10', 'nameserver 1.1.1.1', 'nameserver 2.2.2.2'])
    const { type, message } = await node.untilEvent('cut', 'DNSConfigForming')
    assert.deepEqual(
      [type, message],
      [
        'Warning',
        'Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2',
      ],
    )
  })

  it("is the host's where no name server of the cluster is known, as Pod and Node are told", async () => {
    assert.deepEqual(await resolvConf(bare, 'fallback', {}), [
      'nameserver 192.0.2.53',
      `search ${longSearches.join(' ')}`,
    ])
    const text =
      'kubelet does not have ClusterDNS IP configured and cannot create Pod using "ClusterFirst" policy. Falling back to "Default" policy.'
    const { message } = await bare.untilEvent('fallback', 'MissingClusterDNS')
    assert.match(message ?? '', /^pod: "fallback_e2e-.*\(.*\)"\. /u)
    assert.ok(message?.endsWith(text), message)
    assert.deepEqual(await nodeEvents(bare, 'MissingClusterDNS'), [text])
  })

  it("tells the Node at the start that the host's searches leave no room for the cluster's", async () => {
    // Events are sent in order, so that of the start is there when that of a Pod is.
    await Promise.all(
      [bare, node].map(async (on) => {
        await on.create(podManifest('later', [staying('main')]))
        await on.untilEvent('later', 'Started')
      }),
    )
    assert.deepEqual(await nodeEvents(bare, 'CheckLimitsForResolvConf'), [
      `Resolv.conf file '${longConf}' contains search line consisting of more than 29 domains!`,
    ])
    assert.deepEqual(await nodeEvents(node, 'CheckLimitsForResolvConf'), [])
  })
})

/** Events about a Node are in the default namespace. */
async function nodeEvents({ name, kubectl }: TestNode, reason: string): Promise<readonly string[]> {
  const selector = `involvedObject.kind=Node,involvedObject.name=${name},reason=${reason}`
  const list: { readonly items: readonly { readonly message: string }[] } = JSON.parse(
    await kubectl.run('get', 'events', '--namespace=default', `--field-selector=${selector}`, '--output=json'),
  )
  return list.items.map(({ message }) => message)
}

describe('The address of a Pod', () => {
  it('is of the network that --network names, and the API server is told so', async () => {
    const pod = await onNetwork.createUntil(podManifest('addressed', [staying('main')]), 'ready', isReady)
    const subnet = await docker('network', 'inspect', '--format', '{{(index .IPAM.Config 0).Subnet}}', network)
    const [prefix = ''] = subnet.split('.0.0/')
    assert.ok(pod.status?.podIP?.startsWith(`${prefix}.`), `${pod.status?.podIP} in ${subnet}`)
    assert.match(
      await onNetwork.exec(pod, 'main', 'cat', '/etc/hosts'),
      new RegExp(`\n${pod.status?.podIP}\taddressed`, 'u'),
    )
  })

  it('is none where --network names a network that Docker does not have: the agent says so, and ends', async () => {
    await using lost = await TestNode.start('--network=e2e-nobody-has-this')
    const end = await lost.agent.ended()
    assert.notEqual(end.code, 0)
    const said = lost.agent.log.items.map(({ msg, ...fields }) => `${msg} ${JSON.stringify(fields)}`).join('\n')
    assert.match(said, /Docker has no network \\*"e2e-nobody-has-this\\*", which --network asks for/u)
  })
})
