import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { setImmediate } from 'node:timers/promises'
import { EventRecorder, type EventRecorderOptions } from '../../../src/cluster/event-recorder.ts'
import type { EventRecord } from '../../../src/cluster/events/make-event.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'

const unavailable = new KubeletError('unavailable', 'No connection')

function started(message: string, name = 'web'): EventRecord {
  const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name, uid: `uid-of-${name}` }
  return { object, type: 'Normal', reason: 'Started', message }
}

interface Recording {
  readonly server: FakeApiServer
  readonly cluster: FakeCluster
  readonly recorder: EventRecorder
  readonly faults: readonly KubeletError[]
  /** Lets it send what is recorded, until all is sent. */
  readonly sendAll: () => Promise<void>
}

/** A recorder that sends when the test says so. */
function recording(t: TestContext, change: Partial<EventRecorderOptions> = {}): Recording {
  const server = new FakeApiServer()
  const cluster = new FakeCluster({ server })
  const faults: KubeletError[] = []
  const onFault = (fault: KubeletError): void => void faults.push(fault)
  const rate = { burst: 0, perSecond: 0 }
  const recorder = new EventRecorder({ cluster, host: 'node-1', rate, retryMs: 1, onFault, ...change })
  const stop = new AbortController()
  t.after(() => stop.abort())
  let running: Promise<void> | undefined
  const sendAll = async (): Promise<void> => {
    running ??= recorder.run(stop.signal)
    await recorder.flush(stop.signal)
  }
  return { server, cluster, recorder, faults, sendAll }
}

describe('the recorder of events', { timeout: 120_000 }, () => {
  it('sends what is recorded, in order, each under a name of its own', async (t) => {
    const { server, recorder, sendAll } = recording(t)
    recorder.record(started('one'))
    recorder.record(started('two'))
    await sendAll()
    const [one, two] = server.events
    assert.deepEqual([one?.message, two?.message], ['one', 'two'])
    assert.deepEqual(one?.source, { component: 'kubelet', host: 'node-1' })
    const names = server.events.map(({ metadata }) => metadata.name ?? '')
    assert.ok(
      names.every((name) => /^web\.[0-9a-f]{16}$/.test(name)),
      String(names),
    )
    assert.equal(new Set(names).size, 2)
  })

  it('counts up what repeats', async (t) => {
    const { server, cluster, recorder, sendAll } = recording(t)
    for (let index = 0; index < 3; index += 1) recorder.record(started('again'))
    await sendAll()
    assert.deepEqual(
      server.events.map(({ message, count }) => ({ message, count })),
      [{ message: 'again', count: 3 }],
    )
    assert.deepEqual([cluster.count('createEvent'), cluster.count('patchEvent')], [1, 2])
  })

  it('creates anew, with the count so far, what the server has forgotten', async (t) => {
    const { server, recorder, sendAll } = recording(t)
    recorder.record(started('again'))
    await sendAll()
    server.expireEvents()
    recorder.record(started('again'))
    await sendAll()
    assert.deepEqual(
      server.events.map(({ count }) => count),
      [2],
    )
  })

  it('sends nothing of what is spam', async (t) => {
    const { cluster, recorder, sendAll } = recording(t)
    for (let index = 0; index < 40; index += 1) recorder.record(started('again'))
    await sendAll()
    assert.equal(cluster.calls.length, 25)
  })

  it('tries again while the server is away, and loses nothing', async (t) => {
    const { server, cluster, recorder, faults, sendAll } = recording(t)
    for (let index = 0; index < 11; index += 1) cluster.failNext('createEvent', unavailable)
    recorder.record(started('one'))
    recorder.record(started('two'))
    await sendAll()
    assert.deepEqual(
      server.events.map(({ message }) => message),
      ['one', 'two'],
    )
    assert.deepEqual(faults, [])
  })

  it('gives an event up after twelve tries, and one that is refused at once', async (t) => {
    const { server, cluster, recorder, faults, sendAll } = recording(t)
    for (let index = 0; index < 12; index += 1) cluster.failNext('createEvent', unavailable)
    const refusal = new KubeletError('forbidden', 'The namespace is being terminated')
    cluster.failNext('createEvent', refusal)
    for (const message of ['lost', 'refused', 'sent']) recorder.record(started(message))
    await sendAll()
    assert.deepEqual(faults, [unavailable, refusal])
    assert.deepEqual(
      server.events.map(({ message }) => message),
      ['sent'],
    )
  })

  it('drops what finds a thousand waiting, and says so once', async (t) => {
    const { recorder, faults, cluster, sendAll } = recording(t)
    for (let index = 0; index < 1010; index += 1) recorder.record(started('one', `pod-${index}`))
    assert.deepEqual(
      faults.map(({ code, message }) => ({ code, message })),
      [
        {
          code: 'throttled',
          message: 'Dropping event "Started" of Pod "pod-1000" and those after it: 1000 events wait to be sent',
        },
      ],
    )
    await sendAll()
    assert.equal(cluster.count('createEvent'), 1000)
  })

  it('sends no faster than it may', async (t) => {
    t.mock.timers.enable({ apis: ['Date', 'setTimeout'] })
    const { server, recorder, sendAll } = recording(t, { rate: { burst: 2, perSecond: 1 } })
    for (const name of ['a', 'b', 'c']) recorder.record(started('one', name))
    const sent = sendAll()
    // Real time: what needs no waiting is done by then.
    await setImmediate()
    assert.equal(server.events.length, 2)
    t.mock.timers.tick(999)
    await setImmediate()
    assert.equal(server.events.length, 2)
    t.mock.timers.tick(1)
    await sent
    assert.equal(server.events.length, 3)
  })

  it('stops sending, and waiting for that, when the signal fires', async () => {
    const cluster = new FakeCluster({ server: new FakeApiServer() })
    const rate = { burst: 0, perSecond: 0 }
    const onFault = (): never => assert.fail('that is no fault')
    const recorder = new EventRecorder({ cluster, host: 'node-1', rate, onFault })
    cluster.failNext('createEvent', unavailable)
    recorder.record(started('one'))
    const stop = new AbortController()
    const done = [recorder.run(stop.signal), recorder.flush(stop.signal)]
    stop.abort()
    assert.deepEqual(await Promise.all(done), [undefined, undefined])
  })
})
