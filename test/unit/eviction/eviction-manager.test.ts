import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { EvictionManager, type EvictionRules } from '../../../src/eviction/eviction-manager.ts'
import type { DiskLayout } from '../../../src/eviction/pressure/disk-layout.ts'
import type { PodUse } from '../../../src/eviction/usage/pod-usage.ts'
import { podUid } from '../../../src/model/ids.ts'
import type { Pod } from '../../../src/model/kube.ts'
import { aPodUse, aThreshold, gibibyte, mebibyte, seen, valueOf } from '../../builders/eviction.ts'
import { aPod, type PodChange } from '../../builders/pod.ts'
import { quiet } from '../../support/quiet.ts'
import { quietLog } from '../../support/quiet-log.ts'

const hard = [aThreshold('memory.available', '1Gi')]

/** A node with these Pods that use so many MiB of memory, and 2 GiB left. Nothing happens before the first `pass`. */
async function aBed(
  test: TestContext,
  {
    rules = {},
    pods = {},
    layout = 'one',
  }: {
    readonly rules?: Partial<EvictionRules>
    readonly pods?: Readonly<Record<string, number>>
    readonly layout?: DiskLayout
  },
) {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'], now: 1_000_000 })
  const stop = new AbortController()
  const clock = { ms: 0 }
  const bed = {
    left: { 'memory.available': 2 * gibibyte } as Parameters<typeof seen>[0],
    pods: Object.keys(pods).map((name) => podNamed(name)),
    looks: 0,
    /** What happens, in its order. */
    told: [] as string[],
    /** Pods that take for ever to be gone. */
    stuck: new Set<string>(),
    /** How often it was asked whether one is. */
    asked: 0,
    /** What is left once this has been taken away. */
    after: {} as Readonly<Record<string, Parameters<typeof seen>[0]>>,
    fault: undefined as Error | undefined,
  }
  const reclaim = (what: string) => async (): Promise<void> => {
    bed.told.push(`reclaim ${what}`)
    bed.left = { ...bed.left, ...bed.after[what] }
  }
  const manager = new EvictionManager({
    rules: { thresholds: hard, pressureTransitionMs: 300_000, maxPodGraceSeconds: 0, watchesMemory: false, ...rules },
    node: {
      read: async () => {
        bed.looks += 1
        if (bed.fault !== undefined) throw bed.fault
        return seen(bed.left, Date.now())
      },
      memory: async () => seen(bed.left, Date.now()),
      layout: async () => layout,
    },
    uses: async () =>
      new Map(
        Object.entries(pods).map(([name, used]): [string, PodUse] => [name, aPodUse({ memory: used * mebibyte })]),
      ),
    pods: () => bed.pods,
    reclaim: { containers: reclaim('containers'), images: reclaim('images') },
    evict: (uid, { reason }, graceSeconds) => {
      bed.told.push(`evict ${uid} ${reason} ${graceSeconds} s`)
      bed.pods = bed.pods.filter(({ metadata }) => metadata.uid !== uid)
    },
    isCleanedUp: (uid) => {
      bed.asked += 1
      return !bed.stuck.has(uid)
    },
    onConditions: () => bed.told.push(`conditions [${manager.conditions.join(' ')}]`),
    onStarved: (resource) => bed.told.push(`starved ${resource}`),
    onStatsAge: (signal, seconds) => bed.told.push(`age ${signal} ${seconds}`),
    now: () => clock.ms,
    log: quietLog,
  })
  const running = manager.run(stop.signal)
  test.after(async () => {
    stop.abort()
    await running
  })
  await quiet()
  const pass = async (ms: number): Promise<readonly string[]> => {
    clock.ms += ms
    test.mock.timers.tick(ms)
    await quiet()
    return bed.told.splice(0)
  }
  return { bed, manager, pass }
}

function podNamed(name: string, change: PodChange = {}): Pod {
  return aPod({ ...change, metadata: { name, uid: name, ...change.metadata } })
}

const low = { 'memory.available': 0.5 * gibibyte }

describe('a node that runs short', () => {
  it('says so at once, and ends one Pod after the other until it does not any more', async (t) => {
    const { bed, manager, pass } = await aBed(t, { pods: { small: 1, large: 10, middle: 5 } })
    assert.deepEqual(await pass(0), [])
    bed.left = low
    assert.deepEqual(await pass(9999), [])
    bed.stuck.add('large')
    assert.deepEqual(await pass(1), [
      'conditions [MemoryPressure]',
      'starved memory',
      'age memory.available 0',
      'evict large Evicted 1 s',
    ])
    assert.deepEqual(await pass(20_000), [])
    bed.stuck.clear()
    manager.podWorked(podUid('large'))
    assert.deepEqual(await pass(0), ['starved memory', 'age memory.available 0', 'evict middle Evicted 1 s'])
    bed.left = { 'memory.available': 2 * gibibyte }
    assert.deepEqual(await pass(299_000), [])
    assert.deepEqual(await pass(11_000), ['conditions []'])
    assert.deepEqual(
      bed.pods.map(({ metadata }) => metadata.name),
      ['small'],
    )
  })

  it('waits no longer than half a minute for a Pod to be gone', async (t) => {
    const { bed, pass } = await aBed(t, { pods: { one: 2, two: 1 } })
    bed.left = low
    bed.stuck.add('one')
    await pass(10_000)
    assert.deepEqual(await pass(29_999), [])
    assert.deepEqual((await pass(1)).at(-1), 'evict two Evicted 1 s')
  })

  it('asks whether a Pod is gone when something has been done for that one, and else never', async (t) => {
    const { bed, manager, pass } = await aBed(t, { pods: { one: 2, two: 1 } })
    bed.left = low
    bed.stuck.add('one')
    await pass(10_000)
    bed.asked = 0
    for (let seconds = 0; seconds < 20; seconds += 1) await pass(1000)
    manager.podWorked(podUid('another'))
    await pass(0)
    assert.equal(bed.asked, 0)
    manager.podWorked(podUid('one'))
    await pass(0)
    assert.equal(bed.asked, 1)
  })

  it('passes over Pods that it cannot do without', async (t) => {
    const { bed, pass } = await aBed(t, { pods: { critical: 10, other: 1 } })
    bed.pods = [podNamed('critical', { spec: { priority: 2_000_000_000 } }), podNamed('other')]
    bed.left = low
    assert.equal((await pass(10_000)).at(-1), 'evict other Evicted 1 s')
    assert.deepEqual(await pass(10_000), ['starved memory', 'age memory.available 0'])
  })

  it('gives a Pod its own time where a soft threshold has been crossed for long enough', async (t) => {
    const soft = aThreshold('memory.available', '1Gi', { graceMs: 20_000 })
    const { bed, pass } = await aBed(t, { rules: { thresholds: [soft], maxPodGraceSeconds: 15 }, pods: { one: 1 } })
    bed.left = low
    assert.deepEqual(await pass(10_000), ['conditions [MemoryPressure]'])
    assert.deepEqual(await pass(10_000), [])
    assert.equal((await pass(10_000)).at(-1), 'evict one Evicted 15 s')
  })

  it('takes away what nobody uses of a full disk first, and ends nobody when that is enough', async (t) => {
    const thresholds = [aThreshold('imagefs.available', '1Gi', { minReclaim: valueOf('1Gi') })]
    const { bed, pass } = await aBed(t, { rules: { thresholds }, pods: { one: 1 } })
    bed.left = { 'imagefs.available': 0.5 * gibibyte }
    bed.after = { images: { 'imagefs.available': 3 * gibibyte } }
    assert.deepEqual(await pass(10_000), [
      'conditions [DiskPressure]',
      'starved ephemeral-storage',
      'reclaim containers',
      'reclaim images',
    ])
    bed.left = { 'imagefs.available': 0.5 * gibibyte }
    bed.after = { images: { 'imagefs.available': 1.5 * gibibyte } }
    const told = await pass(10_000)
    assert.deepEqual(told.slice(0, 3), ['starved ephemeral-storage', 'reclaim containers', 'reclaim images'])
    assert.equal(told.at(-1), 'evict one Evicted 1 s')
  })

  it('takes nothing away where what nobody uses lies elsewhere', async (t) => {
    const rules = { thresholds: [aThreshold('nodefs.available', '1Gi')] }
    const { bed, pass } = await aBed(t, { rules, pods: { one: 1 }, layout: 'dedicated-images' })
    bed.left = { 'nodefs.available': 0 }
    assert.deepEqual(await pass(10_000), [
      'conditions [DiskPressure]',
      'starved ephemeral-storage',
      'age nodefs.available 0',
      'evict one Evicted 1 s',
    ])
  })

  it('goes on looking when it could not once', async (t) => {
    const { bed, pass } = await aBed(t, { pods: { one: 1 } })
    bed.left = low
    bed.fault = new Error('no such file')
    assert.deepEqual(await pass(10_000), [])
    bed.fault = undefined
    assert.equal((await pass(10_000)).at(-1), 'evict one Evicted 1 s')
  })

  it('looks on when somebody sets the clock', async (t) => {
    const { bed, pass } = await aBed(t, { pods: { one: 1 } })
    t.mock.method(Date, 'now', () => 0)
    bed.left = low
    assert.equal((await pass(10_000)).at(-1), 'evict one Evicted 1 s')
  })

  it('sees that memory runs out between two looks, where it is watched', async (t) => {
    const { bed, pass } = await aBed(t, { rules: { watchesMemory: true }, pods: { one: 1 } })
    bed.left = low
    assert.equal((await pass(1000)).at(-1), 'evict one Evicted 1 s')
  })
})

describe('a node without thresholds', () => {
  it('is not looked at', async (t) => {
    const { bed, pass } = await aBed(t, { rules: { thresholds: [] } })
    await pass(60_000)
    assert.equal(bed.looks, 0)
  })
})
