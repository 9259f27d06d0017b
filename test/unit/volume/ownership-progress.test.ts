import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { OwnershipProgress } from '../../../src/volume/ownership-progress.ts'

describe('a volume that takes long to become its group’s', () => {
  it('is told of after half a minute, and each minute from then on, until it is done', (test) => {
    test.mock.timers.enable({ apis: ['setTimeout'] })
    const told: string[] = []
    const progress = new OwnershipProgress('some-uid/volumes/kubernetes.io~local-volume/pv', (text) => told.push(text))
    for (let file = 0; file < 3; file += 1) progress.count()
    test.mock.timers.tick(29_999)
    assert.deepEqual(told, [])
    test.mock.timers.tick(1)
    progress.count()
    test.mock.timers.tick(60_000)
    progress.count()
    test.mock.timers.tick(60_000)
    const what = 'Setting volume ownership for some-uid/volumes/kubernetes.io~local-volume/pv'
    assert.deepEqual(told, [
      `${what} is taking longer than expected, consider using OnRootMismatch - https://kubernetes.io/docs/tasks/configure-pod-container/security-context/#configure-volume-permission-and-ownership-change-policy-for-pods`,
      `${what}, processed 4 files.`,
      `${what}, processed 5 files.`,
    ])
    progress[Symbol.dispose]()
    test.mock.timers.tick(600_000)
    assert.equal(told.length, 3)
  })
})
