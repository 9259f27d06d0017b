import assert from 'node:assert/strict'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { statsRoutes, type StatsTexts } from '../../../../src/server/stats/stats-routes.ts'
import { askPort, openTestPort, readPort } from '../../../support/https-client.ts'

function texts(change: Partial<StatsTexts> = {}): StatsTexts {
  return {
    summary: async (onlyCpuAndMemory) => ({ onlyCpuAndMemory }),
    resourceMetrics: async () => ['a 1\n', 'b 2\n'],
    cadvisorMetrics: async () => ['c 3\n'],
    metricsType: 'text/plain; version=0.0.4',
    ...change,
  }
}

const path = '/stats/summary'
const only = 'only_cpu_and_memory'

describe('/stats/summary', () => {
  for (const [query, onlyCpuAndMemory] of [
    ['', false],
    [`?${only}=true`, true],
    [`?${only}=1`, false],
    [`?${only}=true&${only}=true`, false],
  ] as const) {
    it(`answers a GET of ${path}${query} with ${onlyCpuAndMemory ? 'CPU and memory alone' : 'everything'}`, async () => {
      await using port = await openTestPort(statsRoutes(async () => texts()))
      assert.deepEqual(await readPort(port, `${path}${query}`), [200, JSON.stringify({ onlyCpuAndMemory })])
    })
  }

  for (const [form, onlyCpuAndMemory] of [
    [`${only}=true`, true],
    ['', false],
  ] as const) {
    it(`answers a POST of "${form}" the same way`, async () => {
      await using port = await openTestPort(statsRoutes(async () => texts()))
      const response = await askPort(port, path, form)
      assert.equal(response.headers['content-type'], 'application/json')
      assert.equal(await text(response), JSON.stringify({ onlyCpuAndMemory }))
    })
  }

  it('refuses a form that has no end in sight', async () => {
    await using port = await openTestPort(statsRoutes(async () => texts()))
    const response = await askPort(port, path, 'x'.repeat(100_000))
    assert.deepEqual(
      [response.statusCode, await text(response)],
      [500, 'Internal Error: parse form failed: http: request body too large'],
    )
  })

  it('says what has failed, and answers the next one', async () => {
    let asked = 0
    const open = async (): Promise<StatsTexts> => {
      asked += 1
      if (asked === 1) throw new KubeletError('unavailable', 'Docker does not answer')
      return texts()
    }
    await using port = await openTestPort(statsRoutes(open))
    assert.deepEqual(await readPort(port, path), [500, 'Internal Error: Docker does not answer'])
    assert.deepEqual(await readPort(port, path), [200, '{"onlyCpuAndMemory":false}'])
  })
})

describe('What is measured, as metrics', () => {
  it('comes in its pieces, as the kind of text that it is', async () => {
    await using port = await openTestPort(statsRoutes(async () => texts()))
    const response = await askPort(port, '/metrics/resource')
    assert.equal(response.headers['content-type'], 'text/plain; version=0.0.4')
    assert.equal(await text(response), 'a 1\nb 2\n')
    assert.deepEqual(await readPort(port, '/metrics/cadvisor'), [200, 'c 3\n'])
  })

  it('is made no faster than the client reads, and ends with it', async () => {
    const ended = Promise.withResolvers<number>()
    let made = 0
    function* endless(): Generator<string> {
      try {
        for (;;) {
          made += 1
          yield `${'x'.repeat(100_000)}\n`
        }
      } finally {
        ended.resolve(made)
      }
    }
    await using port = await openTestPort(statsRoutes(async () => texts({ cadvisorMetrics: async () => endless() })))
    const response = await askPort(port, '/metrics/cadvisor')
    response.destroy()
    assert.ok((await ended.promise) < 1000)
  })
})
