import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aNode } from '../../../support/node-in-memory.ts'
import { told } from '../told.ts'

describe('a Pod whose full name is too long for a hostname', () => {
  const hostname = 'a'.repeat(50)
  const spec = { hostname, subdomain: 'db', setHostnameAsFQDN: true }
  const full = `${hostname}.db.default.svc.cluster.local`
  const message = `failed to construct FQDN from pod hostname and cluster domain, FQDN ${full} is too long (64 characters is the max, ${full.length} characters requested)`

  it('gets no sandbox', async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec })
    await node.advance(1000)
    assert.deepEqual(node.containers, [])
    const text = `Warning FailedCreatePodSandBox Failed to create pod sandbox: ${message}`
    assert.ok(told(node.takeEvents()).includes(text))
    assert.equal(node.status('web')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ContainerCreating')
  })

  it("gets a sandbox on the host's network, which has another name, and no container", async (t) => {
    await using node = await aNode(t)
    await node.run({ name: 'web', spec: { ...spec, hostNetwork: true } })
    await node.advance(1000)
    assert.deepEqual(node.containers, ['sandbox 0 running'])
    assert.deepEqual(node.status('web')?.containerStatuses?.[0]?.state, {
      waiting: { reason: 'CreateContainerConfigError', message },
    })
  })
})
