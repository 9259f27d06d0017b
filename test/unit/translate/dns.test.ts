import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseResolvConf, podDns, type DnsFacts } from '../../../src/translate/dns.ts'
import { aPod } from '../../builders/pod.ts'

const facts: DnsFacts = {
  host: { servers: ['192.0.2.53'], searches: ['example.com'], options: ['timeout:1'] },
  clusterServers: ['10.96.0.10'],
  clusterDomain: 'cluster.local',
}
const none = { servers: [], searches: [], options: [] }
const clusterSearches = ['default.svc.cluster.local', 'svc.cluster.local', 'cluster.local']
const cluster = { servers: ['10.96.0.10'], searches: [...clusterSearches, 'example.com'], options: ['ndots:5'] }

describe('podDns by policy', () => {
  it("asks the cluster's servers under ClusterFirst, with the host's searches and without its options", () => {
    assert.deepEqual(podDns(aPod(), facts), cluster)
  })

  it('takes a Pod without a policy for ClusterFirst', () => {
    const { dnsPolicy: _, ...spec } = aPod().spec
    assert.deepEqual(podDns({ ...aPod(), spec }, facts), cluster)
  })

  it("asks the host's under ClusterFirst on the host's network", () => {
    assert.deepEqual(podDns(aPod({ spec: { hostNetwork: true } }), facts), facts.host)
  })

  it("asks the cluster's under ClusterFirstWithHostNet on the host's network", () => {
    const pod = aPod({ spec: { hostNetwork: true, dnsPolicy: 'ClusterFirstWithHostNet' } })
    assert.deepEqual(podDns(pod, facts), cluster)
  })

  it("asks the host's under Default", () => {
    assert.deepEqual(podDns(aPod({ spec: { dnsPolicy: 'Default' } }), facts), facts.host)
  })

  it("asks the host's under ClusterFirst where the agent knows no server of the cluster", () => {
    assert.deepEqual(podDns(aPod(), { ...facts, clusterServers: [] }), facts.host)
  })

  it("adds no searches of the cluster where the agent doesn't know its domain", () => {
    assert.deepEqual(podDns(aPod(), { ...facts, clusterDomain: '' }), {
      servers: ['10.96.0.10'],
      searches: ['example.com'],
      options: ['ndots:5'],
    })
  })

  it('says nothing under None', () => {
    assert.deepEqual(podDns(aPod({ spec: { dnsPolicy: 'None' } }), facts), none)
  })
})

describe('podDns with a dnsConfig', () => {
  it('is just that under None', () => {
    const dnsConfig = {
      nameservers: ['1.2.3.4'],
      searches: ['ns1.svc.cluster-domain.example'],
      options: [{ name: 'ndots', value: '2' }, { name: 'edns0' }],
    }
    assert.deepEqual(podDns(aPod({ spec: { dnsPolicy: 'None', dnsConfig } }), facts), {
      servers: ['1.2.3.4'],
      searches: ['ns1.svc.cluster-domain.example'],
      options: ['ndots:2', 'edns0'],
    })
  })

  it("comes behind the policy's servers and searches, each of them once", () => {
    const dnsConfig = { nameservers: ['10.96.0.10', '1.2.3.4'], searches: ['example.com', 'example.org'] }
    assert.deepEqual(podDns(aPod({ spec: { dnsConfig } }), facts), {
      servers: ['10.96.0.10', '1.2.3.4'],
      searches: [...clusterSearches, 'example.com', 'example.org'],
      options: ['ndots:5'],
    })
  })

  it("replaces the policy's options of the same name, and no others", () => {
    const host = { ...facts.host, options: ['timeout:1', 'rotate', 'ndots:3'] }
    const dnsConfig = { options: [{ name: 'ndots', value: '1' }, { name: 'timeout' }, { name: 'attempts', value: '' }] }
    assert.deepEqual(podDns(aPod({ spec: { dnsPolicy: 'Default', dnsConfig } }), { ...facts, host }).options, [
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
    podDns(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { searches } } }), facts).searches

  it('keeps the first three servers', () => {
    const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3', '4.4.4.4']
    assert.deepEqual(podDns(aPod({ spec: { dnsPolicy: 'None', dnsConfig: { nameservers } } }), facts), {
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

describe('parseResolvConf', () => {
  const cases: readonly (readonly [title: string, text: string, parsed: ReturnType<typeof parseResolvConf>])[] = [
    ['says nothing of an empty file', '', none],
    [
      'reads the three kinds of line',
      'nameserver 192.0.2.53\nnameserver 2001:db8::53\nsearch a.example b.example\noptions timeout:1 rotate\n',
      {
        servers: ['192.0.2.53', '2001:db8::53'],
        searches: ['a.example', 'b.example'],
        options: ['timeout:1', 'rotate'],
      },
    ],
    ['lets the last search line count', 'search a\nsearch b c\n', { ...none, searches: ['b', 'c'] }],
    ['gathers the options of all lines', 'options a\noptions b:1\n', { ...none, options: ['a', 'b:1'] }],
    [
      'takes the dot off the end of a search and drops the root',
      'search a.example. .\n',
      { ...none, searches: ['a.example'] },
    ],
    [
      'passes over comments, before and behind',
      '# nameserver 1.1.1.1\n; search x\nnameserver 2.2.2.2 # mine\n',
      { ...none, servers: ['2.2.2.2'] },
    ],
    ['passes over unknown keywords and lines without a value', 'sortlist 1.2.3.4\nnameserver\nsearch\noptions\n', none],
    ['takes blanks and tabs around words', '  nameserver\t 192.0.2.53  \r\n', { ...none, servers: ['192.0.2.53'] }],
  ]
  for (const [title, text, parsed] of cases) {
    it(title, () => assert.deepEqual(parseResolvConf(text), parsed))
  }
})
