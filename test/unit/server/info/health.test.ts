import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { health, healthChecks, loopFaultAt, overallHealth } from '../../../../src/server/info/health.ts'

const well = healthChecks(() => undefined)
const stuck = healthChecks(() => 'sync Loop took longer than expected')

function overall(checks: typeof well, query = ''): readonly [number, string] {
  const { status, body } = overallHealth(checks, new URLSearchParams(query))
  return [status, body]
}

describe('the health of the agent', () => {
  it('is ok while all is well', () => {
    assert.deepEqual(overall(well), [200, 'ok'])
    assert.deepEqual(
      well.map(health),
      [1, 2, 3].map(() => ({ ...health(well[0] ?? assert.fail()), body: 'ok' })),
    )
  })

  it('tells of each check to who asks for it', () => {
    assert.deepEqual(overall(well, 'verbose'), [200, '[+]ping ok\n[+]log ok\n[+]syncloop ok\nhealthz check passed\n'])
  })

  it('tells of each check when one fails, and withholds why', () => {
    const words = '[+]ping ok\n[+]log ok\n[-]syncloop failed: reason withheld\nhealthz check failed\n'
    assert.deepEqual(overall(stuck), [500, words])
  })

  it('leaves out the checks that it is told to, and says which it does not have', () => {
    assert.deepEqual(overall(stuck, 'exclude=syncloop'), [200, 'ok'])
    const words = [
      '[+]ping ok',
      '[+]log ok',
      '[+]syncloop excluded: ok',
      'warn: some health checks cannot be excluded: no matches for "etcd","other"',
      'healthz check passed',
      '',
    ]
    assert.deepEqual(overall(stuck, 'verbose&exclude=syncloop&exclude=other&exclude=etcd'), [200, words.join('\n')])
  })

  it('of one check says why it fails', () => {
    const { status, body } = health(stuck[2] ?? assert.fail())
    assert.deepEqual([status, body], [500, 'internal server error: sync Loop took longer than expected\n'])
  })
})

describe('the loop of the agent', () => {
  it('is well until it has not gone on for five minutes, or twice its period', () => {
    assert.equal(loopFaultAt(1_000_000, undefined, 60_000), undefined)
    assert.equal(loopFaultAt(301_000, 1000, 60_000), undefined)
    assert.equal(loopFaultAt(301_001, 1000, 60_000), 'sync Loop took longer than expected')
    assert.equal(loopFaultAt(601_000, 1000, 300_000), undefined)
    assert.equal(loopFaultAt(601_001, 1000, 300_000), 'sync Loop took longer than expected')
  })
})
