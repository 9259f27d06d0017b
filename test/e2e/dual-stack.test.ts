import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { isIPv6 } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as delay } from 'node:timers/promises'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { isReady, podManifest, shell, staying, untilTold } from '../support/test-pod.ts'

const opened = new Opened()
const prefix = `fd00:${randomBytes(2).toString('hex')}:${randomBytes(2).toString('hex')}`
const network = `e2e-${prefix.replaceAll(':', '-')}`
await docker('network', 'create', '--ipv6', '--subnet', `${prefix}::/64`, network)
opened.defer(() => docker('network', 'rm', network))

/** Nodes whose Pods have addresses of both families: the node's own family comes first. */
const [ofIpv4, ofIpv6, single] = await Promise.all([
  opened.open(StandaloneNode.start(`--network=${network}`, '--node-ip=127.0.0.1,::1')),
  opened.open(StandaloneNode.start(`--network=${network}`, '--node-ip=::1,127.0.0.1')),
  opened.open(StandaloneNode.start('--node-ip=::1')),
])

const web = shell('web', `mkdir /www; echo here >/www/index.html; httpd -h /www -p [::]:8080; ${untilTold}`, {
  // Over the Pod's first address, whatever its family.
  readinessProbe: { httpGet: { port: 8080, path: '/' }, periodSeconds: 1, failureThreshold: 60 },
})

async function ready(node: StandaloneNode, hostNetwork = false): Promise<Pod> {
  const name = hostNetwork ? 'on-host' : 'web'
  await node.write(`${name}.yaml`, podManifest(name, [hostNetwork ? staying('main') : web], { hostNetwork }))
  const pod = await node.until(name, 'ready', (seen) => seen !== undefined && isReady(seen))
  assert.ok(pod !== undefined)
  return pod
}

function addresses({ status }: Pod): readonly string[] {
  return (status?.podIPs ?? []).map(({ ip }) => ip)
}

/** A bridge that is new may take some seconds until its own address of IPv6 is the one that it asks with. */
async function answered(url: string): Promise<string> {
  for (const deadline = Date.now() + 30_000; ; await delay(100)) {
    try {
      return await (await fetch(url, { signal: AbortSignal.timeout(1000) })).text()
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
  }
}

describe('A Pod in a network of Docker with IPv6', { concurrency: 3 }, () => {
  for (const [family, node, isFirst6] of [
    ['IPv4', ofIpv4, false],
    ['IPv6', ofIpv6, true],
  ] as const) {
    it(`has an address of each family, the first of ${family} where the node's is, and answers at both`, async () => {
      const pod = await ready(node)
      const ips = addresses(pod)
      assert.deepEqual(ips.map(isIPv6), [isFirst6, !isFirst6])
      assert.equal(pod.status?.podIP, ips[0])
      assert.ok(ips.find(isIPv6)?.startsWith(prefix), ips.join(' '))
      for (const ip of ips) {
        assert.equal(await answered(`http://${isIPv6(ip) ? `[${ip}]` : ip}:8080/`), 'here\n')
      }
      const id = pod.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? ''
      const hosts = await docker('exec', id, 'cat', '/etc/hosts')
      assert.deepEqual(
        hosts
          .split('\n')
          .filter((line) => line.endsWith(`\t${pod.metadata.name}`))
          .toSorted(),
        ips.map((ip) => `${ip}\t${pod.metadata.name}`).toSorted(),
      )
    })

    it(`has the node's addresses on the host's network, the first of ${family} there`, async () => {
      const ips = isFirst6 ? ['::1', '127.0.0.1'] : ['127.0.0.1', '::1']
      const pod = await ready(node, true)
      assert.deepEqual(addresses(pod), ips)
      assert.deepEqual(
        pod.status?.hostIPs,
        ips.map((ip) => ({ ip })),
      )
    })
  }

  it('has just the one that Docker gives it in a network without', async () => {
    const pod = await ready(single)
    assert.deepEqual(addresses(pod).map(isIPv6), [false])
  })
})
