import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { readLogQuery, type LogQuery } from '../../../../src/server/logs/log-query.ts'

const nowMs = Date.parse('2026-03-01T12:00:00.250Z')
const nowSeconds = Math.floor(nowMs / 1000)
const everything: LogQuery = {
  follow: false,
  previous: false,
  timestamps: false,
  tailLines: undefined,
  since: undefined,
  limitBytes: undefined,
  stream: undefined,
}

describe('The query of a log', () => {
  const cases: Readonly<Record<string, Partial<LogQuery>>> = {
    '': {},
    'follow=true&previous=1&timestamps=': { follow: true, previous: true, timestamps: true },
    'follow=False&previous=0&timestamps=false': {},
    'follow=no&follow=false': { follow: true },
    'tailLines=0': { tailLines: 0 },
    'tailLines=%2B7': { tailLines: 7 },
    'tailLines=9223372036854775807': { tailLines: Number.MAX_SAFE_INTEGER },
    'tail=5': { tailLines: 5 },
    'tail=5&tailLines=6': { tailLines: 5 },
    'tail=all&tailLines=6': {},
    'tail=&tailLines=6': { tailLines: 6 },
    'limitBytes=1': { limitBytes: 1 },
    'sinceSeconds=60': { since: { seconds: nowSeconds - 60, nanoseconds: 250_000_000 } },
    'sinceSeconds=9223372036854775807': {},
    'sinceTime=2026-03-01T11:59:59Z': { since: { seconds: nowSeconds - 1, nanoseconds: 0 } },
    'sinceTime=2026-03-01T13:59:59%2B02:00': { since: { seconds: nowSeconds - 1, nanoseconds: 0 } },
    'sinceTime=2026-03-01T11:59:59.123456789Z': { since: { seconds: nowSeconds - 1, nanoseconds: 123_456_789 } },
    'sinceTime=2026-03-01T11:59:59.5-00:30': { since: { seconds: nowSeconds + 1799, nanoseconds: 500_000_000 } },
    'sinceTime=1969-12-31T23:59:59Z': {},
    'sinceTime=': {},
    'sinceTime=null': {},
    'stream=All': { stream: 'All' },
    'stream=All&tailLines=1': { stream: 'All', tailLines: 1 },
    'stream=Stdout': { stream: 'Stdout' },
    'container=other&pretty=true': {},
  }
  for (const [query, expected] of Object.entries(cases)) {
    it(`is read from "${query}"`, () => {
      assert.deepEqual(readLogQuery(new URLSearchParams(query), nowMs), { ...everything, ...expected })
    })
  }

  const undecodable = [
    'tailLines=',
    'tailLines=ten',
    'tailLines=1.5',
    'tailLines=0x10',
    'tailLines=9223372036854775808',
    'tail=few',
    'limitBytes= 1',
    'sinceSeconds=1m',
    'sinceTime=yesterday',
    'sinceTime=2026-03-01',
    'sinceTime=2026-03-01T11:59:59',
    'sinceTime=2026-02-30T00:00:00Z',
    'sinceTime=2026-13-01T00:00:00Z',
    'sinceTime=2026-03-01T24:00:00Z',
    'sinceTime=2026-03-01 11:59:59Z',
    'tailLines=-1&limitBytes=x',
  ]
  for (const query of undecodable) {
    it(`cannot be decoded from "${query}"`, () => refuses(query, 400, '{"message": "Unable to decode query."}'))
  }

  const senseless = [
    'tailLines=-1',
    'tail=-1',
    'limitBytes=0',
    'limitBytes=-5',
    'sinceSeconds=0',
    'sinceSeconds=-1',
    'sinceSeconds=5&sinceTime=2026-03-01T11:59:59Z',
    'sinceSeconds=5&sinceTime=',
    'stream=stdout',
    'stream=',
    'stream=Stderr&tailLines=1',
  ]
  for (const query of senseless) {
    it(`makes no sense as "${query}"`, () => refuses(query, 422, '{"message": "Invalid request."}'))
  }
})

function refuses(query: string, status: number, message: string): void {
  assert.throws(() => readLogQuery(new URLSearchParams(query), nowMs), new KubeletError('invalid', message, { status }))
}
