import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../src/model/errors.ts'
import type { PodUid } from '../../../src/model/ids.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { ShutdownManager, type ShutdownManagerOptions } from '../../../src/shutdown/shutdown-manager.ts'
import { Bell } from '../../../src/util/bell.ts'
import { aPod } from '../../builders/pod.ts'
import { EventQueue } from '../../fakes/event-queue.ts'
import { quietLog } from '../../support/quiet-log.ts'

const critical = 2_000_000_000

describe('a shutdown of the machine', () => {
  it('ends Pods group by group, and waits no longer than that takes', async (t) => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 60 })
    await bed.until('locked')
    bed.shutsDown(true)
    await bed.until('end web 30')
    assert.equal(bed.manager.isShuttingDown, true)
    assert.ok(!bed.told.includes('end dns 30'))
    bed.ended('web')
    await bed.until('end dns 30')
    bed.ended('dns')
    await bed.until('released')
    assert.deepEqual(bed.told, [
      'connected',
      'allowed 120',
      'locked',
      'shuts down',
      'began',
      'end web 30',
      'end dns 30',
      'ended',
      'released',
    ])
    assert.equal(t.signal.aborted, false)
  })

  it('goes on with the next group when the time of one is over', async () => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 0 })
    await bed.until('locked')
    bed.shutsDown(true)
    await bed.until('released')
    assert.deepEqual(bed.told.slice(-4), ['end web 0', 'end dns 0', 'ended', 'released'])
  })

  it('takes no longer when somebody sets the clock back meanwhile', async (t) => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 0 })
    await bed.until('locked')
    let hours = 0
    t.mock.method(Date, 'now', () => -3_600_000 * hours++)
    bed.shutsDown(true)
    await bed.until('released')
  })

  it('begins no further group once it is cancelled, and the next one is held up again', async () => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 60 })
    await bed.until('locked')
    bed.shutsDown(true)
    await bed.until('end web 30')
    bed.shutsDown(false)
    await bed.until('locked', 2)
    assert.equal(bed.manager.isShuttingDown, false)
    assert.ok(!bed.told.some((line) => line.startsWith('end dns')))
    bed.shutsDown(true)
    await bed.until('end web 30', 2)
  })

  it('is waited for where logind is not there at first, and again when its bus has gone', async () => {
    await using bed = aBed([], { seconds: 1, failures: 2 })
    await bed.until('locked')
    assert.equal(bed.told.filter((line) => line === 'connected').length, 1)
    bed.breaks()
    await bed.until('locked', 2)
  })

  it('is held up again when the lock is lost', async () => {
    await using bed = aBed([], { seconds: 1 })
    await bed.until('locked')
    bed.losesLock()
    await bed.until('locked', 2)
    bed.losesLock()
    await bed.until('locked', 3)
  })

  it('that is under way when the agent starts ends what runs, and there is no lock for that', async () => {
    await using bed = aBed([aPodOf('web')], { seconds: 60, isUnderWay: true })
    await bed.until('end web 30')
    assert.deepEqual(bed.told, ['connected', 'shuts down', 'began', 'end web 30'])
    assert.equal(bed.manager.isShuttingDown, true)
    bed.shutsDown(false)
    await bed.until('locked')
    assert.deepEqual(bed.told.slice(-3), ['ended', 'allowed 120', 'locked'])
  })

  it('goes on where the bus goes and comes again meanwhile', async () => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 60 })
    await bed.until('locked')
    bed.shutsDown(true)
    await bed.until('end web 30')
    bed.breaks({ isUnderWay: true })
    await bed.until('connected', 2)
    bed.ended('web')
    await bed.until('end dns 30')
    assert.equal(bed.told.filter((line) => line === 'shuts down' || line === 'locked').length, 2)
  })

  it('that begins while the bus is gone is begun when it is there again', async () => {
    await using bed = aBed([aPodOf('web')], { seconds: 60 })
    await bed.until('locked')
    bed.breaks({ isUnderWay: true })
    await bed.until('end web 30')
  })

  it('that is cancelled while the bus is gone is over when it is there again', async () => {
    await using bed = aBed([aPodOf('web'), aPodOf('dns', critical)], { seconds: 60 })
    await bed.until('locked')
    bed.shutsDown(true)
    await bed.until('end web 30')
    bed.breaks()
    await bed.until('goes on')
    assert.equal(bed.manager.isShuttingDown, false)
    assert.ok(!bed.told.includes('end dns 30'))
  })
})

function aPodOf(name: string, priority = 0): Pod {
  return aPod({ metadata: { name, uid: name }, spec: { priority, terminationGracePeriodSeconds: 30 } })
}

/** A manager on a stand-in for logind, which tells what it does. */
function aBed(
  pods: readonly Pod[],
  {
    seconds,
    failures = 0,
    isUnderWay = false,
  }: { readonly seconds: number; readonly failures?: number; readonly isUnderWay?: boolean },
) {
  const told: string[] = []
  const came = new Bell()
  const tell = (line: string): void => {
    told.push(line)
    came.ring()
  }
  const over = new Set<PodUid | string>()
  let queue = new EventQueue<boolean>()
  let broken = new AbortController()
  let lost = Promise.withResolvers<void>()
  let left = failures
  let isPreparing = isUnderWay
  const connect: ShutdownManagerOptions['connect'] = async () => {
    if (left-- > 0) throw new KubeletError('unavailable', 'no bus')
    tell('connected')
    queue = new EventQueue()
    broken = new AbortController()
    return {
      isShuttingDown: async () => isPreparing,
      allowSeconds: async (allowed) => tell(`allowed ${allowed}`),
      shutdowns: (signal) => queue.read(AbortSignal.any([signal, broken.signal])),
      [Symbol.dispose]: () => {},
    }
  }
  const manager = new ShutdownManager({
    periods: [
      { priority: 0, seconds },
      { priority: critical, seconds },
    ],
    connect,
    inhibit: async () => {
      tell('locked')
      lost = Promise.withResolvers()
      return { gone: lost.promise, [Symbol.asyncDispose]: async () => tell('released') }
    },
    pods: () => pods,
    end: (uid, grace) => tell(`end ${uid} ${grace}`),
    isCleanedUp: (uid) => over.has(uid),
    onChange: (isShuttingDown) => tell(isShuttingDown ? 'shuts down' : 'goes on'),
    onTimes: async ({ endedAtMs }) => tell(endedAtMs === undefined ? 'began' : 'ended'),
    log: quietLog,
    retryMs: [0, 0],
  })
  const end = new AbortController()
  const running = manager.run(end.signal)
  return {
    manager,
    told,
    shutsDown: (isBeginning: boolean) => queue.push(isBeginning),
    /** The bus goes; when it is there again a shutdown is under way, or none. */
    breaks: (next = { isUnderWay: false }) => {
      isPreparing = next.isUnderWay
      broken.abort()
    },
    /** Nothing holds the lock any more. */
    losesLock: () => lost.resolve(),
    ended: (uid: string) => {
      over.add(uid)
      manager.podWorked()
    },
    /** Waits until `line` was told so often. */
    until: async (line: string, times = 1) => {
      while (told.filter((each) => each === line).length < times) await came.wait(undefined, end.signal)
    },
    [Symbol.asyncDispose]: async () => {
      end.abort()
      await running
    },
  }
}
