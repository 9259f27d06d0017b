import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { PullReport } from '../../../../src/sync/actions/pull-report.ts'

/** Takes progress every 100 ms for so long; gives the seconds at which it was shown and told, and what of it was shown. */
function report(test: TestContext, forMs: number) {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const shown: number[] = []
  const told: number[] = []
  const seen: number[] = []
  const show = ({ downloadedBytes }: { readonly downloadedBytes: number }): void => {
    shown.push(Date.now() / 1000)
    seen.push(downloadedBytes)
  }
  const pull = new PullReport({ show, tell: () => told.push(Date.now() / 1000) })
  const take = (): void => pull.take({ layers: 1, layersDone: 0, downloadedBytes: Date.now(), totalBytes: undefined })
  const pass = (ms: number, then = (): void => undefined): void => {
    for (let left = ms; left > 0; left -= 100) {
      then()
      test.mock.timers.tick(100)
    }
  }
  pass(forMs, take)
  return { pull, shown, told, seen, take, pass }
}

describe('the progress of a pull', () => {
  it('is shown after 5 s and every 10 s then, and told after 30 s and ever more rarely', (test) => {
    const { shown, told } = report(test, 1_000_000)
    assert.deepEqual(shown.slice(0, 4), [5, 15, 25, 35])
    assert.equal(shown.length, 100)
    assert.deepEqual(told, [35, 95, 215, 455, 935])
  })

  it('is not shown of a pull that is soon over', (test) => {
    const { pull, shown, pass } = report(test, 4000)
    pull[Symbol.dispose]()
    pass(60_000)
    assert.deepEqual(shown, [])
  })

  it('is shown only if there is any, and the newest', (test) => {
    const { seen, take, pass } = report(test, 6000)
    pass(60_000)
    assert.deepEqual(seen, [4900, 5900])
    take()
    pass(100)
    assert.deepEqual(seen, [4900, 5900, 66_000])
  })
})
