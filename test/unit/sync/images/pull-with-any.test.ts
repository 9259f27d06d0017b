import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { pullWithAny } from '../../../../src/sync/images/pull-with-any.ts'
import { FakeDocker } from '../../../fakes/fake-docker.ts'
import { FakeEngine } from '../../../fakes/fake-engine.ts'

const { signal } = new AbortController()
const image = 'registry.test/app:1'
const [wrong, right] = ['wrong', 'right'].map((password) => ({
  username: 'kubelet',
  password,
  serverAddress: 'registry.test',
}))
const both = [wrong, right].filter((one) => one !== undefined)

function aBed() {
  const docker = new FakeDocker()
  docker.publish(image)
  docker.guard(image, 'right')
  return new FakeEngine({ docker, nodeName: 'node-1' })
}

function says(code: 'internal' | 'invalid', message: string): (error: unknown) => boolean {
  return (error) => KubeletError.is(error, code) && error.message === message
}

describe('pullWithAny', () => {
  it('tries one after the other until one is good', async () => {
    const engine = aBed()
    await pullWithAny(engine, image, { credentials: [...both, ...both] }, signal)
    assert.equal(engine.count('pullImage'), 2)
  })

  it('pulls without where there are none', async () => {
    const engine = aBed()
    await assert.rejects(
      pullWithAny(engine, image, { credentials: [] }, signal),
      says('internal', 'no basic auth credentials'),
    )
    assert.equal(engine.count('pullImage'), 1)
  })

  it('throws what all tries said, each text once', async () => {
    const engine = aBed()
    engine.failNext('pullImage', new KubeletError('internal', 'first'))
    const twice = both.slice(0, 1).flatMap((one) => [one, one, one])
    await assert.rejects(
      pullWithAny(engine, image, { credentials: twice }, signal),
      says('internal', '[first, unauthorized]'),
    )
    await assert.rejects(pullWithAny(engine, image, { credentials: twice }, signal), says('internal', 'unauthorized'))
  })

  it('gives up at once on a name that does not parse', async () => {
    const engine = aBed()
    await assert.rejects(
      pullWithAny(engine, 'No Image!', { credentials: both }, signal),
      says('invalid', 'invalid reference format'),
    )
    assert.equal(engine.count('pullImage'), 1)
  })
})
