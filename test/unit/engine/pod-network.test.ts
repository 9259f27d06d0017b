import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requirePodNetwork } from '../../../src/engine/pod-network.ts'
import { FakeDocker } from '../../fakes/fake-docker.ts'
import { FakeEngine } from '../../fakes/fake-engine.ts'

describe("the network of a node's Pods", () => {
  const engine = new FakeEngine({ docker: new FakeDocker(), nodeName: 'node-1' })

  it('may be any in which they have addresses', async ({ signal }) => {
    await requirePodNetwork(engine, 'bridge', signal)
  })

  it('is not asked for where it is the usual one', async ({ signal }) => {
    const before = engine.count('networkDriver')
    await requirePodNetwork(engine, 'default', signal)
    assert.equal(engine.count('networkDriver'), before)
  })

  it('must be there when the agent starts', async ({ signal }) => {
    await assert.rejects(requirePodNetwork(engine, 'pods', signal), {
      code: 'configuration',
      message: 'Docker has no network "pods", which --network asks for: "docker network create pods" makes one',
    })
  })

  it("must not be the host's or none, under any name", async ({ signal }) => {
    for (const [name, driver] of [
      ['host', 'host'],
      ['none', 'null'],
    ] as const) {
      await assert.rejects(requirePodNetwork(engine, name, signal), {
        code: 'configuration',
        message: `In Docker's network "${name}", which --network asks for, Pods get no address of their own: its driver is ${driver}`,
      })
    }
  })
})
