import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { PodSpec } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { Opened } from '../support/opened.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { TestNode } from '../support/test-node.ts'
import { isReady, podManifest, staying } from '../support/test-pod.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start('--cluster-domain=cluster.local'))
const standalone = await opened.open(StandaloneNode.start('--cluster-domain=cluster.local'))

describe('The full name of a Pod', { concurrency: 3 }, () => {
  it('is its hostname under setHostnameAsFQDN, and stands in its hosts file', async () => {
    const spec = { hostname: 'db-0', subdomain: 'db', setHostnameAsFQDN: true }
    const pod = await node.createUntil(podManifest('full', [staying('main')], spec), 'ready', isReady)
    const full = `db-0.db.${node.name}.svc.cluster.local`
    assert.equal(await node.exec(pod, 'main', 'hostname'), full)
    assert.equal(await node.exec(pod, 'main', 'hostname', '-f'), full)
    const hosts = await node.exec(pod, 'main', 'cat', '/etc/hosts')
    assert.ok(hosts.endsWith(`\n${pod.status?.podIP}\t${full}\tdb-0`), hosts)
  })

  it('is what hostname -f finds without it too', async () => {
    const spec = { hostname: 'db-1', subdomain: 'db' }
    const pod = await node.createUntil(podManifest('short', [staying('main')], spec), 'ready', isReady)
    assert.equal(await node.exec(pod, 'main', 'hostname'), 'db-1')
    assert.equal(await node.exec(pod, 'main', 'hostname', '-f'), `db-1.db.${node.name}.svc.cluster.local`)
  })

  it('keeps the Pod from starting where it is longer than Linux takes, and an event says so', async () => {
    const hostname = 'a'.repeat(50)
    const spec = { hostname, subdomain: 'db', setHostnameAsFQDN: true }
    await node.create(podManifest('long', [staying('main')], spec))
    const full = `${hostname}.db.${node.name}.svc.cluster.local`
    const { type, message } = await node.untilEvent('long', 'FailedCreatePodSandBox')
    assert.deepEqual(
      [type, message],
      [
        'Warning',
        `Failed to create pod sandbox: failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, ${full.length} characters requested)`,
      ],
    )
  })
})

describe('A Pod with a hostnameOverride', { concurrency: 2 }, () => {
  /** From a file, since older API servers drop the field. */
  async function named(name: string, spec: Partial<PodSpec>): Promise<readonly string[]> {
    await standalone.write(`${name}.yaml`, podManifest(name, [staying('main')], spec))
    const pod = await standalone.until(name, 'ready', (seen) => seen !== undefined && isReady(seen))
    const id = pod?.status?.containerStatuses?.[0]?.containerID?.replace('docker://', '') ?? ''
    const lines = await docker('exec', id, 'sh', '-c', 'hostname; hostname -f; tail -n 1 /etc/hosts')
    return lines.replace(pod?.status?.podIP ?? 'no IP', 'IP').split('\n')
  }

  it('is called so, with and without its domain, whatever its hostname and subdomain', async () => {
    const hostnameOverride = 'override.example.host'
    const all = [hostnameOverride, hostnameOverride, `IP\t${hostnameOverride}`]
    assert.deepEqual(await named('alone', { hostnameOverride }), all)
    assert.deepEqual(await named('named', { hostnameOverride, hostname: 'web', subdomain: 'sub' }), all)
  })

  it('is called by the first 63 characters of a longer one', async () => {
    const [hostname] = await named('long', { hostnameOverride: 'a'.repeat(64) })
    assert.equal(hostname, 'a'.repeat(63))
  })
})
