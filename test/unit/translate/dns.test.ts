import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Pod } from '../../../src/model/kube.ts'
import { podDns, type DnsFacts, type DnsFault } from '../../../src/translate/dns.ts'
import type { ResolvConf } from '../../../src/translate/resolv-conf.ts'
import { aPod } from '../../builders/pod.ts'

const host: ResolvConf = { servers: ['192.0.2.53'], searches: ['example.com'], options: ['timeout:1'] }
const facts: DnsFacts = {
  host,
  nodeIps: ['192.0.2.10'],
  clusterServers: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
}
const none = { servers: [], searches: [], options: [] }
const clusterSearches = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local']
const cluster = { servers: ['10.96.0.10'], searches: [...clusterSearches, 'example.com'], options: ['ndots:5'] }

function confOf(pod: Pod, change: Partial<DnsFacts> = {}): ResolvConf {
  return podDns(pod, { ...facts, ...change }).conf
}

describe('podDns by policy', () => {
  it("asks the cluster's servers under ClusterFirst, with the host's searches and without its options", () => {
    assert.deepEqual(confOf(aPod()), cluster)
  })

  it('takes a Pod without a policy for ClusterFirst', () => {
    const { dnsPolicy: _, ...spec } = aPod().spec
    assert.deepEqual(confOf({ ...aPod(), spec }), cluster)
  })

  it("asks the host's under ClusterFirst on the host's network", () => {
    assert.deepEqual(confOf(aPod({ spec: { hostNetwork: true } })), host)
  })

  it("asks the cluster's under ClusterFirstWithHostNet on the host's network", () => {
    const pod = aPod({ spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } })
    assert.deepEqual(confOf(pod), cluster)
  })

  it("asks the host's under Default", () => {
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Default' } })), host)
  })

  it("asks the host's under ClusterFirst where the agent knows no server of the cluster", () => {
    assert.deepEqual(confOf(aPod(), { clusterServers: [] }), host)
  })

  it("adds no searches of the cluster where the agent doesn't know its domain", () => {
    assert.deepEqual(confOf(aPod(), { clusterDomain: '' }), {
      servers: ['10.96.0.10'],
      searches: ['example.com'],
      options: ['ndots:5'],
    })
  })

  it('takes a policy that nobody knows for the default one', () => {
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Nearest', hostNetwork: true } })), cluster)
  })

  it("names each of the cluster's and the host's searches once", () => {
    const own = { ...host, searches: ['cluster.local', 'example.com'] }
    assert.deepEqual(confOf(aPod(), { host: own }), cluster)
  })

  it('says nothing under None', () => {
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'None' } })), none)
  })
})

describe('podDns with a dnsConfig', () => {
  it('is just that under None', () => {
    const dnsConfig = {
      nameservers: ['1.2.3.4'],
      searches: ['ns1.svc.cluster-domain.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    }
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'None', dnsConfig } })), {
      servers: ['1.2.3.4'],
      searches: ['ns1.svc.cluster-domain.example'],
      options: ['ndots:2', 'edns0'],
    })
  })

  it("comes behind the policy's servers and searches, each of them once", () => {
    const dnsConfig = { nameservers: ['10.96.0.10', '1.2.3.4'], searches: ['example.com', 'example.org'] }
    assert.deepEqual(confOf(aPod({ spec: { dnsConfig } })), {
      servers: ['10.96.0.10', '1.2.3.4'],
      searches: [...clusterSearches, 'example.com', 'example.org'],
      options: ['ndots:5'],
    })
  })

  it("replaces the policy's options of the same name, and no others", () => {
    const own = { ...host, options: ['timeout:1', 'rotate', 'ndots:3'] }
    const dnsConfig = { options: [{ name: 'ndots', value: '1' }, { name: 'timeout' }, { name: 'attempts', value: '' }] }
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Default', dnsConfig } }), { host: own }).options, [
      'timeout',
      'rotate',
      'ndots:1',
      'attempts',
    ])
  })
})

describe('podDns within the limits of resolvers', () => {
  const numbered = (count: number, text: (index: number) => string): readonly string[] =>
    Array.from({ length: count }, (_, index) => text(index))
  const searchesOf = (searches: readonly string[]): readonly string[] =>
    confOf(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { searches } } })).searches

  it('keeps the first three servers', () => {
    const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4']
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { nameservers } } })), {
      ...none,
      servers: ['1.1.1.1', '2.2.2.2', '3.3.3.3'],
    })
  })

  it('keeps the first 32 searches', () => {
    const searches = numbered(33, (index) => `d${index}.example`)
    assert.deepEqual(searchesOf(searches), searches.slice(0, 32))
  })

  it('drops a search that is longer than a DNS name, and keeps those behind it', () => {
    assert.deepEqual(searchesOf(['a'.repeat(253), 'b'.repeat(254), 'c.example']), ['a'.repeat(253), 'c.example'])
  })

  it('drops searches from the end until the line has 2048 characters', () => {
    const searches = numbered(21, (index) => `${'a'.repeat(99)}${String.fromCodePoint(97 + index)}`)
    assert.deepEqual(searchesOf(searches), searches.slice(0, 20))
  })

  it('keeps a line of exactly 2048 characters, and none of 2049', () => {
    const twenty = numbered(20, (index) => `${'a'.repeat(99)}${String.fromCodePoint(97 + index)}`)
    const searches = [...twenty, 'b'.repeat(28)]
    assert.equal(searches.join(' ').length, 2048)
    assert.deepEqual(searchesOf(searches), searches)
    assert.deepEqual(searchesOf([...twenty, 'b'.repeat(29)]), twenty)
  })
})

describe('podDns without a resolv.conf of the host', () => {
  const bare = { host: undefined, nodeIps: ['192.0.2.10', '2001:db8::10'] }
  const noNames = { servers: ['127.0.0.1', '::1'], searches: ['.'], options: [] }

  it('asks the node itself, at an address of each of its families, and searches nothing', () => {
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Default' } }), bare), noNames)
    assert.deepEqual(confOf(aPod(), { ...bare, clusterServers: [] }), noNames)
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Default' } }), { ...bare, nodeIps: [] }).servers, ['127.0.0.1'])
  })

  it("searches the cluster's names only where its servers are asked", () => {
    assert.deepEqual(confOf(aPod(), bare), { ...cluster, searches: clusterSearches })
  })

  it('puts what the Pod says behind that', () => {
    const dnsConfig = { nameservers: ['1.2.3.4'], searches: ['example.org'] }
    assert.deepEqual(confOf(aPod({ spec: { dnsPolicy: 'Default', dnsConfig } }), bare), {
      servers: ['127.0.0.1', '::1', '1.2.3.4'],
      searches: ['.', 'example.org'],
      options: [],
    })
  })
})

describe('what podDns has to say', () => {
  const faultsOf = (pod: Pod, change: Partial<DnsFacts> = {}): readonly DnsFault[] =>
    podDns(pod, { ...facts, ...change }).faults

  it('is nothing of what fits', () => {
    assert.deepEqual(faultsOf(aPod()), [])
    const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3']
    assert.deepEqual(faultsOf(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { nameservers } } })), [])
  })

  it("is that the cluster's servers are not known, to a Pod that wants them", () => {
    const missing = [{ kind: 'no-cluster-servers' }]
    const without = { clusterServers: [] }
    assert.deepEqual(faultsOf(aPod(), without), missing)
    const onHost = { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' }
    assert.deepEqual(faultsOf(aPod({ spec: onHost }), without), missing)
    assert.deepEqual(faultsOf(aPod({ spec: { dnsPolicy: 'Default' } }), without), [])
    assert.deepEqual(faultsOf(aPod({ spec: { hostNetwork: true } }), without), [])
  })

  it('is what is left of lines that are cut, whoever has made them too long', () => {
    const servers = ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4']
    const searches = ['a'.repeat(254), 'b.example']
    assert.deepEqual(faultsOf(aPod({ spec: { dnsPolicy: 'Default' } }), { host: { servers, searches, options: [] } }), [
      { kind: 'cut', line: 'nameserver', applied: servers.slice(0, 3) },
      { kind: 'cut', line: 'search', applied: ['b.example'] },
    ])
  })
})
