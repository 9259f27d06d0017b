import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { requestBucket } from '../../../../src/metrics/http/path-bucket.ts'

describe('The path of a request, as a metric has it', () => {
  for (const [path, bucket, longRunning] of [
    ['/pods', 'pods', 'false'],
    ['/runningpods/', 'runningpods', 'false'],
    ['/metrics', 'metrics', 'false'],
    ['/metrics/probes', 'metrics/probes', 'false'],
    ['/metrics/slis', 'other', 'false'],
    ['/containerLogs/n/p/c', 'containerLogs', 'false'],
    ['/exec/n/p/c', 'exec', 'true'],
    ['/attach/n/p/c', 'attach', 'true'],
    // So it is in the kubelet.
    ['/portForward/n/p', 'portForward', 'false'],
    ['/debug/flags/v', 'debug', 'true'],
    ['/', 'other', 'false'],
    ['/whatever/anyone/asks', 'other', 'false'],
  ] as const) {
    it(`is ${bucket} for ${path}`, () => {
      assert.deepEqual(requestBucket('GET', path), { method: 'GET', path: bucket, longRunning })
    })
  }

  it('has no more methods than there are', () => assert.equal(requestBucket('BREW', '/pods').method, 'other'))
})
