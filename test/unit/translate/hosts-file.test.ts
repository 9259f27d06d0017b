import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { hostsFile, type HostsFacts } from '../../../src/translate/hosts-file.ts'
import { aPod } from '../../builders/pod.ts'

const facts: HostsFacts = { name: { hostname: 'web', domain: '' }, podIps: ['10.1.0.5'], nodeHosts: 'unused' }

/** The lines that every Pod with a network of its own has, byte for byte. */
const managed = `# Kubernetes-managed hosts file.
127.0.0.1\tlocalhost
::1\tlocalhost ip6-localhost ip6-loopback
fe00::0\tip6-localnet
fe00::0\tip6-mcastprefix
fe00::1\tip6-allnodes
fe00::2\tip6-allrouters
`

describe('hostsFile', () => {
  it("names the Pod's IP", () => {
    assert.equal(hostsFile(aPod(), facts), `${managed}10.1.0.5\tweb\n`)
  })

  it('names the full name first where the Pod has a domain, for each of its IPs', () => {
    const name = { hostname: 'db-0', domain: 'db.default.svc.cluster.local' }
    assert.equal(
      hostsFile(aPod(), { ...facts, name, podIps: ['10.1.0.5', 'fd00::5'] }),
      `${managed}10.1.0.5\tdb-0.db.default.svc.cluster.local\tdb-0\nfd00::5\tdb-0.db.default.svc.cluster.local\tdb-0\n`,
    )
  })

  it('has no line for a Pod whose IP is not known yet', () => {
    assert.equal(hostsFile(aPod(), { ...facts, podIps: [] }), managed)
  })

  it('appends the host aliases', () => {
    const hostAliases = [
      { ip: '127.0.0.1', hostnames: ['foo.local', 'bar.local'] },
      { ip: '10.1.2.3', hostnames: ['foo.remote', 'bar.remote'] },
    ]
    assert.equal(
      hostsFile(aPod({ spec: { hostAliases } }), facts),
      `${managed}10.1.0.5\tweb

# Entries added by HostAliases.
127.0.0.1\tfoo.local\tbar.local
10.1.2.3\tfoo.remote\tbar.remote
`,
    )
  })

  it('writes an alias without names as its IP and a tab', () => {
    assert.equal(
      hostsFile(aPod({ spec: { hostAliases: [{ ip: '10.1.2.3' }] } }), facts),
      `${managed}10.1.0.5\tweb\n\n# Entries added by HostAliases.\n10.1.2.3\t\n`,
    )
  })

  it('adds nothing for an empty list of aliases', () => {
    assert.equal(hostsFile(aPod({ spec: { hostAliases: [] } }), facts), `${managed}10.1.0.5\tweb\n`)
  })

  const nodeHosts = '127.0.0.1 localhost\n# a comment\n192.0.2.10\tnode-1'

  it("is the node's file, unchanged, under a header for a Pod on the host's network", () => {
    assert.equal(
      hostsFile(aPod({ spec: { hostNetwork: true } }), { ...facts, nodeHosts }),
      `# Kubernetes-managed hosts file (host network).\n${nodeHosts}`,
    )
  })

  it("appends the aliases on the host's network too", () => {
    const hostAliases = [{ ip: '10.1.2.3', hostnames: ['foo.remote'] }]
    assert.equal(
      hostsFile(aPod({ spec: { hostNetwork: true, hostAliases } }), { ...facts, nodeHosts }),
      `# Kubernetes-managed hosts file (host network).\n${nodeHosts}\n# Entries added by HostAliases.\n10.1.2.3\tfoo.remote\n`,
    )
  })
})
