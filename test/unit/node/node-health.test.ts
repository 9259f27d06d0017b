import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerErrors } from '../../../src/node/node-health.ts'

const message = 'Cannot connect to the Docker daemon'
const notReady = `container runtime not ready: RuntimeReady=false reason:DockerDaemonNotReady message:docker: failed to get docker version: ${message}`

describe('dockerErrors', () => {
  it('has nothing to say of a Docker that answers', () => {
    assert.deepEqual(dockerErrors(undefined, 0), [])
  })

  it('says at once that Docker is not ready, and after 30 seconds that it is down', () => {
    const outage = { lastAnswerAtMs: 1_000, message }
    assert.deepEqual(dockerErrors(outage, 30_999), [notReady])
    assert.deepEqual(dockerErrors(outage, 31_000), ['container runtime is down', notReady])
  })

  it('says so of a Docker that never answered', () => {
    const outage = { lastAnswerAtMs: undefined, message }
    assert.deepEqual(dockerErrors(outage, 0), ['container runtime status check may not have completed yet', notReady])
  })
})
