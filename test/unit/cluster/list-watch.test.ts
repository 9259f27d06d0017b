import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { listWatch, type ListWatchNews } from '../../../src/cluster/list-watch.ts'
import type { Listing, WatchEvent } from '../../../src/cluster/listing.ts'
import { KubeletError } from '../../../src/model/errors.ts'

interface Thing {
  readonly metadata: { readonly name: string; readonly resourceVersion: string }
}

const gone = new KubeletError('gone', 'too old resource version')

function thing(name: string, resourceVersion: string): Thing {
  return { metadata: { name, resourceVersion } }
}

function set(name: string, resourceVersion: string): WatchEvent<Thing> {
  return { kind: 'set', object: thing(name, resourceVersion) }
}

function listing(resourceVersion: string, ...names: readonly string[]): Listing<Thing> {
  return { resourceVersion, items: names.map((name) => thing(name, resourceVersion)) }
}

interface Server {
  readonly lists: readonly Listing<Thing>[]
  /** What each watch tells before it ends, quietly or so; the one after the last goes on for ever. */
  readonly watches: readonly { readonly events: readonly WatchEvent<Thing>[]; readonly end?: KubeletError }[]
}

interface Reader {
  readonly next: () => Promise<string>
  readonly faults: readonly string[]
  /** Where each watch began. */
  readonly positions: readonly string[]
}

/** Reads from a server that says just this, one list and one watch after the other. */
function reading(t: TestContext, { lists, watches }: Server): Reader {
  const stop = new AbortController()
  t.after(() => stop.abort())
  const faults: string[] = []
  const positions: string[] = []
  let listed = 0
  const news = listWatch<Thing>(
    {
      what: 'things',
      list: async () => lists[listed++] ?? assert.fail('there is no other list'),
      watch: async function* (version, signal) {
        const watch = watches[positions.length]
        positions.push(version)
        yield* watch?.events ?? []
        if (watch?.end !== undefined) throw watch.end
        if (watch === undefined) await new Promise((resolve) => signal.addEventListener('abort', resolve))
      },
      onFault: ({ message }) => faults.push(message),
      backOff: { initialMs: 1, maxMs: 2 },
    },
    stop.signal,
  )
  const next = async (): Promise<string> => {
    const { value, done } = await news.next()
    return done === true ? assert.fail('the news have ended') : text(value)
  }
  return { next, faults, positions }
}

function text(news: ListWatchNews<Thing>): string {
  if (news.kind !== 'listed') return `${news.kind} ${news.object.metadata.name}`
  return `${news.isRewound === true ? 'rewound' : 'listed'} ${news.items.map(({ metadata }) => metadata.name).join(' ')}`
}

describe('a server that lags behind what it has told', { timeout: 60_000 }, () => {
  it('is not believed that something is gone, and is asked again', async (t) => {
    const lists = [listing('20', 'old', 'new'), listing('10', 'old'), listing('30', 'new')]
    const { next, faults } = reading(t, { lists, watches: [{ events: [], end: gone }] })
    assert.deepEqual([await next(), await next()], ['listed old new', 'listed new'])
    assert.deepEqual(faults, [
      'too old resource version',
      'The API server listed the things as they were at version 10, before 20',
    ])
  })

  it('is behind the newest that a watch has told, too', async (t) => {
    const lists = [listing('20'), listing('24'), listing('30')]
    const { next } = reading(t, { lists, watches: [{ events: [set('new', '25')], end: gone }] })
    assert.deepEqual([await next(), await next(), await next()], ['listed ', 'set new', 'listed '])
  })

  it('is believed when it says so again and again: it was put back to where it was then', async (t) => {
    const old = Array.from({ length: 8 }, () => listing('10', 'old'))
    const { next, positions } = reading(t, {
      lists: [listing('20', 'old', 'new'), ...old],
      watches: [{ events: [], end: gone }, { events: [set('later', '11')] }],
    })
    assert.deepEqual([await next(), await next(), await next()], ['listed old new', 'rewound old', 'set later'])
    assert.deepEqual(positions.slice(0, 2), ['20', '10'])
  })

  it('is asked from the newest on when a bookmark of its is older', async (t) => {
    const watches = [{ events: [set('new', '25'), { kind: 'bookmark', resourceVersion: '22' } as const] }]
    const { next, positions } = reading(t, {
      lists: [listing('20')],
      watches: [...watches, { events: [set('x', '26')] }],
    })
    assert.deepEqual([await next(), await next(), await next()], ['listed ', 'set new', 'set x'])
    assert.deepEqual(positions.slice(0, 2), ['20', '25'])
  })
})

describe('a watch that tells again what it has told', { timeout: 60_000 }, () => {
  it('brings nothing back that is gone', async (t) => {
    const removed: WatchEvent<Thing> = { kind: 'deleted', object: thing('web', '22') }
    const events = [set('web', '21'), removed, set('web', '21'), set('other', '23')]
    const { next } = reading(t, { lists: [listing('20')], watches: [{ events }] })
    assert.deepEqual(
      [await next(), await next(), await next(), await next()],
      ['listed ', 'set web', 'deleted web', 'set other'],
    )
  })

  it('and ends at once is a failure, so that it is not asked at full speed', async (t) => {
    const again = { events: [set('web', '20')] }
    const { next, faults } = reading(t, {
      lists: [listing('20', 'web')],
      watches: [again, again, { events: [set('new', '21')] }],
    })
    assert.equal(await next(), 'listed web')
    while ((await next()) !== 'set new');
    const atOnce = 'The API server ended the watch of things at once'
    assert.deepEqual(faults, [atOnce, atOnce])
  })
})
