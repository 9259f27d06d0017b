import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { renewalSource } from '../../../../src/certificates/client/renewal-source.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeAuthority } from '../../../fakes/fake-authority.ts'
import { FakeCluster } from '../../../fakes/fake-cluster.ts'
import { issuedPair } from '../../../support/issued-pair.ts'

const server = new FakeApiServer()
const [asNode, withToken] = [new FakeCluster({ server }), new FakeCluster({ server })]
const pair = await issuedPair(new FakeAuthority(), 0, Date.now() + 1000)

describe('The next certificate of a node', () => {
  it('is asked for as the node, as long as it is one', async ({ signal }) => {
    const source = renewalSource(asNode, () => assert.fail('the token is not needed'))
    assert.equal(await source(pair, signal), asNode)
    assert.equal(await renewalSource(asNode, undefined)(undefined, signal), asNode)
  })

  it('is asked for with the bootstrap kubeconfig when the last one has ended, over one connection', async ({
    signal,
  }) => {
    let connections = 0
    const source = renewalSource(asNode, async () => {
      connections += 1
      if (connections === 1) throw new KubeletError('unavailable', 'no answer')
      return withToken
    })
    await assert.rejects(source(undefined, signal), /no answer/u)
    assert.equal(await source(undefined, signal), withToken)
    assert.equal(await source(undefined, signal), withToken)
    assert.equal(connections, 2)
  })
})
