import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseResolvConf, resolvConfText, searchesFault } from '../../../src/translate/resolv-conf.ts'

const none = { servers: [], searches: [], options: [] }

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
    [
      'gathers the options of all lines, the last of each name',
      'options a b:1\noptions b:2 c\n',
      { ...none, options: ['a', 'b:2', 'c'] },
    ],
    [
      'takes the dot off the end of a search and drops the root',
      'search a.example. .\n',
      { ...none, searches: ['a.example'] },
    ],
    ['passes over lines that are comments', '# nameserver 1.1.1.1\n#search x\n; search x\n', none],
    [
      'takes a comment behind values for values, as resolvers do',
      'search a.example # mine\n',
      { ...none, searches: ['a.example', '#', 'mine'] },
    ],
    ['passes over unknown keywords and empty lines', 'sortlist 1.2.3.4\n\nsearch\noptions\n', none],
    ['takes blanks and tabs around words', '  nameserver\t 192.0.2.53  \r\n', { ...none, servers: ['192.0.2.53'] }],
  ]
  for (const [title, text, parsed] of cases) {
    it(title, () => assert.deepEqual(parseResolvConf(text), parsed))
  }

  it('refuses a line that should name a server and does not', () => {
    assert.throws(() => parseResolvConf('nameserver 1.1.1.1\nnameserver\n'), {
      code: 'invalid',
      message: 'Encountered error while parsing resolv conf file. Error: nameserver list is empty ',
    })
  })
})

describe('resolvConfText', () => {
  it('has a line for each server, one for the searches and one for the options', () => {
    const conf = {
      servers: ['10.96.0.10', '1.2.3.4'],
      searches: ['a.example', 'b.example'],
      options: ['ndots:5', 'edns0'],
    }
    assert.equal(
      resolvConfText(conf),
      'nameserver 10.96.0.10\nnameserver 1.2.3.4\nsearch a.example b.example\noptions ndots:5 edns0\n',
    )
  })

  it('has no line for what there is none of', () => {
    assert.equal(resolvConfText({ ...none, servers: ['1.2.3.4'] }), 'nameserver 1.2.3.4\n')
    assert.equal(resolvConfText({ ...none, options: ['ndots:1'] }), 'options ndots:1\n')
    assert.equal(resolvConfText(none), undefined)
  })
})

describe('searchesFault', () => {
  const faultOf = (searches: readonly string[], clusterDomain = 'cluster.local') =>
    searchesFault({ ...none, searches }, '/etc/resolv.conf', clusterDomain)
  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `d${index}.example`)

  it('finds none in what leaves room for the searches of the cluster', () => {
    assert.equal(faultOf(numbered(29)), undefined)
    assert.equal(faultOf(numbered(32), ''), undefined)
  })

  it('finds too many domains, one that is too long, and a line that is', () => {
    const told = "Resolv.conf file '/etc/resolv.conf' contains search line"
    assert.equal(faultOf(numbered(30)), `${told} consisting of more than 29 domains!`)
    assert.equal(faultOf(numbered(33), ''), `${told} consisting of more than 32 domains!`)
    assert.equal(
      faultOf(['a'.repeat(254)]),
      'Resolv.conf file "/etc/resolv.conf" contains a search path which length is more than allowed 253 chars!',
    )
    const long = Array.from({ length: 9 }, () => 'a'.repeat(250))
    assert.equal(faultOf(long), `${told} which length is more than allowed 2048 chars!`)
  })
})
