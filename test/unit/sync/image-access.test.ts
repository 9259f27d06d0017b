import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { PodSpec } from '../../../src/model/kube.ts'
import { aContainer } from '../../builders/pod.ts'
import { aNode, type NodeInMemory } from '../../support/node-in-memory.ts'
import type { NodeOptions } from '../../support/node-options.ts'
import { told } from './told.ts'

const image = 'registry.test/private:1'

function wants(imagePullPolicy: string, ...secretNames: readonly string[]): Partial<PodSpec> {
  const imagePullSecrets = secretNames.map((name) => ({ name }))
  return { containers: [aContainer({ image, imagePullPolicy })], imagePullSecrets }
}

function putSecret(node: NodeInMemory, name: string, password: string): void {
  const config = JSON.stringify({ auths: { 'registry.test': { username: 'kubelet', password } } })
  const data = { '.dockerconfigjson': Buffer.from(config).toString('base64') }
  node.server.objects.put({ kind: 'Secret', namespace: 'default', name, type: 'kubernetes.io/dockerconfigjson', data })
}

/**
 * A node on which a Pod has pulled a guarded image with secret `pull`. Secret `copy` has the
 * same in it, `wrong` has not.
 */
async function aNodeThatPulled(test: TestContext, options: NodeOptions = {}): Promise<NodeInMemory> {
  const node = await aNode(test, options)
  node.docker.publish(image)
  node.docker.guard(image, 'right')
  for (const [name, password] of [
    ['pull', 'right'],
    ['copy', 'right'],
    ['wrong', 'guessed'],
  ] as const) {
    putSecret(node, name, password)
  }
  await node.run({ name: 'first', spec: wants('IfNotPresent', 'pull') })
  assert.equal(node.status('first')?.phase, 'Running')
  node.takeEvents()
  return node
}

function pulls(node: NodeInMemory): number {
  return node.engine.count('pullImage')
}

describe("an image that was pulled with a Pod's secret", () => {
  for (const [what, secret] of [
    ['without a secret', undefined],
    ['with a wrong secret', 'wrong'],
  ] as const) {
    it(`is pulled once more for one ${what}, which fails`, async (t) => {
      await using node = await aNodeThatPulled(t)
      await node.run({ name: 'second', spec: wants('IfNotPresent', ...(secret === undefined ? [] : [secret])) })
      await node.advance(400)
      assert.equal(pulls(node), 2)
      assert.equal(node.status('second')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImagePull')
    })

    it(`is not there for one ${what} that may not pull`, async (t) => {
      await using node = await aNodeThatPulled(t)
      await node.run({ name: 'second', spec: wants('Never', ...(secret === undefined ? [] : [secret])) })
      await node.advance(400)
      assert.equal(pulls(node), 1)
      const message = `Container image "${image}" is not present with pull policy of Never`
      assert.deepEqual(node.status('second')?.containerStatuses?.[0]?.state, {
        waiting: { reason: 'ErrImageNeverPull', message },
      })
      assert.deepEqual(told(node.takeEvents()), [
        `Warning ErrImageNeverPull ${message}`,
        'Warning Failed Error: ErrImageNeverPull',
      ])
    })
  }

  for (const policy of ['IfNotPresent', 'Never']) {
    for (const secret of ['pull', 'copy']) {
      it(`is used under ${policy} by one with secret "${secret}"`, async (t) => {
        await using node = await aNodeThatPulled(t)
        await node.run({ name: 'second', spec: wants(policy, secret) })
        assert.equal(node.status('second')?.phase, 'Running')
        assert.equal(pulls(node), 1)
        assert.equal(
          told(node.takeEvents())[0],
          `Normal Pulled Container image "${image}" already present on machine and can be accessed by the pod`,
        )
      })
    }
  }

  it('is used with the secret as it is now, if it was changed since', async (t) => {
    await using node = await aNodeThatPulled(t)
    putSecret(node, 'pull', 'rotated')
    await node.advance(11_000)
    await node.run({ name: 'second', spec: wants('Never', 'pull') })
    assert.equal(node.status('second')?.phase, 'Running')
  })

  it('is lent to nobody by the next agent either', async (t) => {
    await using node = await aNodeThatPulled(t)
    await node.restart()
    await node.run({ name: 'second', spec: wants('Never') })
    await node.advance(400)
    assert.equal(node.status('first')?.phase, 'Running')
    assert.equal(node.status('second')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImageNeverPull')
  })

  it('is everybody’s where nothing is verified', async (t) => {
    await using node = await aNodeThatPulled(t, { imageVerification: { name: 'NeverVerify', allowlist: [] } })
    await node.run({ name: 'second', spec: wants('Never') })
    assert.equal(node.status('second')?.phase, 'Running')
  })

  it('goes on running where it runs: its own Pod starts it again without asking for its secret', async (t) => {
    await using node = await aNodeThatPulled(t)
    await node.advance(11_000)
    const secrets = node.cluster.count('listObject')
    await node.exit('main 0', 1)
    assert.equal(node.container('main 1').running, true)
    await node.restart()
    await node.exit('main 1', 1)
    await node.advance(11_000)
    assert.equal(node.container('main 2').running, true)
    assert.equal(node.cluster.count('listObject'), 0)
    assert.equal(secrets, 1)
  })
})

it('an agent that was killed between a pull and its record lends the image to nobody', async (t) => {
  let kills = 0
  await using node = await aNode(t, {
    onCall: (moment, { method }, self) => {
      if (moment !== 'after' || method !== 'pullImage' || kills > 0) return
      kills += 1
      self.kill()
    },
  })
  node.docker.publish(image)
  node.docker.guard(image, 'right')
  putSecret(node, 'pull', 'right')
  await node.run({ name: 'first', spec: wants('IfNotPresent', 'pull') })
  assert.equal(node.isDead, true)
  await node.restart()
  assert.equal(node.status('first')?.phase, 'Running')
  await node.run({ name: 'second', spec: wants('Never') })
  await node.advance(400)
  assert.equal(node.status('second')?.containerStatuses?.[0]?.state?.waiting?.reason, 'ErrImageNeverPull')
})

it('images that were here before the agent are for everybody, and cost no request for a secret', async (t) => {
  await using node = await aNode(t, { images: [image] })
  putSecret(node, 'pull', 'right')
  await node.run({ name: 'web', spec: wants('Never', 'pull') })
  assert.equal(node.status('web')?.phase, 'Running')
  assert.equal(node.cluster.count('listObject'), 0)
})
