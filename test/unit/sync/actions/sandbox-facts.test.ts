import assert from 'node:assert/strict'
import { readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { labels } from '../../../../src/model/labels.ts'
import { aNode, type NodeInMemory } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'

/** Where the resolv.conf lies that is mounted in the sandbox; `undefined` where none is. */
function mounted(node: NodeInMemory): string | undefined {
  const sandbox = node.docker.containers.find(({ request }) => request.body.Labels[labels.kind] === 'sandbox')
  return sandbox?.request.body.HostConfig.Mounts?.find(({ Target }) => Target === '/etc/resolv.conf')?.Source
}

describe('the resolv.conf of a Pod', () => {
  it('is a file of the Pod that is mounted in its sandbox, for everybody to read', async (t) => {
    await using node = await aNode(t)
    const { metadata } = await node.run({ name: 'web' })
    const path = mounted(node)
    assert.equal(path, join(node.root, 'pods', metadata.uid, 'etc-resolv.conf'))
    assert.equal(
      await readFile(path, 'utf8'),
      'nameserver 10.96.0.10\nsearch default.svc.cluster.local svc.cluster.local cluster.local\noptions ndots:5\n',
    )
    assert.equal((await stat(path)).mode & 0o777, 0o644)
  })

  it("is left to Docker where neither the Pod nor the host's says anything", async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { dnsPolicy: 'Default' } })
    assert.equal(mounted(node), undefined)
    assert.deepEqual(node.containers, ['sandbox 0 running', 'main 0 running'])
  })

  it("is told to be another than asked for where the cluster's servers are not known", async (t) => {
    await using node = await aNode(t, { clusterDns: [] })
    await node.run({ name: 'web' })
    const [first] = told(node.takeEvents())
    assert.match(
      first ?? '',
      /^Warning MissingClusterDNS pod: "web_default\(.*\)"\. kubelet does not have ClusterDNS IP/u,
    )
  })

  it('is told to be cut where it is too long', async (t) => {
    await using node = await aNode(t)
    const nameservers = ['1.1.1.1', '2.2.2.2', '3.3.3.3']
    await node.run({ name: 'web', spec: { dnsConfig: { nameservers } } })
    assert.deepEqual(
      told(node.takeEvents()).filter((line) => line.includes('DNS')),
      [
        'Warning DNSConfigForming Nameserver limits were exceeded, some nameservers have been omitted, the applied nameserver line is: 10.96.0.10 1.1.1.1 2.2.2.2',
      ],
    )
    assert.match(
      await readFile(mounted(node) ?? '', 'utf8'),
      /^nameserver 10\.96\.0\.10\nnameserver 1\.1\.1\.1\nnameserver 2\.2\.2\.2\nsearch/u,
    )
  })
})
