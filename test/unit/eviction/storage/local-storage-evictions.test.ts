import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { LocalStorageEvictions } from '../../../../src/eviction/storage/local-storage-evictions.ts'
import type { Pod } from '../../../../src/model/kube.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import { quiet } from '../../../support/quiet.ts'

const intervalMs = 10_000

/** A Pod with emptyDirs of one MiB. */
function limited(uid: string, ...names: readonly string[]): Pod {
  const volumeMounts = names.map((name) => ({ name, mountPath: `/${name}` }))
  const volumes = names.map((name) => ({ name, emptyDir: { sizeLimit: '1Mi' } }))
  return aPod({ metadata: { uid }, spec: { containers: [aContainer({ volumeMounts })], volumes } })
}

/** A Pod whose container may have one MiB of the disk. */
function bounded(uid: string): Pod {
  const resources = { limits: { 'ephemeral-storage': '1Mi' } }
  return aPod({ metadata: { uid }, spec: { containers: [aContainer({ resources })] } })
}

async function aBed(test: TestContext, ...pods: readonly Pod[]) {
  test.mock.timers.enable({ apis: ['setTimeout', 'Date'] })
  const stop = new AbortController()
  const clock = { ms: 0 }
  const bed = {
    pods: [...pods],
    /** By `<uid>/<volume>`, and by the UID what its container has; nothing for all others. */
    used: new Map<string, number>(),
    measured: [] as string[],
    evicted: [] as string[],
    /** The Pod whose volumes take for ever to be counted, until `counted`. */
    slow: '',
    counted: Promise.withResolvers<void>(),
  }
  const evictions = new LocalStorageEvictions({
    paths: { root: '/root', podLogs: '/logs' },
    pods: () => bed.pods,
    usage: async (folder) => {
      const [, , , uid = '', , , volume = ''] = folder.split('/')
      bed.measured.push(`${uid}/${volume}`)
      if (bed.slow === uid) await bed.counted.promise
      return bed.used.get(`${uid}/${volume}`)
    },
    measure: async ({ metadata }) => {
      bed.measured.push(`${metadata.uid} whole`)
      const rootfs = { bytes: bed.used.get(metadata.uid) ?? 0, inodes: 1 }
      const containers = [{ name: 'main', memory: undefined, rootfs, logs: undefined }]
      return { containers, volumes: [], hostsFile: undefined }
    },
    layout: async () => 'one',
    evict: (uid, { message }) => {
      bed.evicted.push(`${uid}: ${message}`)
      bed.pods = bed.pods.filter(({ metadata }) => metadata.uid !== uid)
    },
    intervalMs,
    now: () => clock.ms,
  })
  const running = evictions.run(stop.signal)
  test.after(async () => {
    stop.abort()
    bed.counted.resolve()
    await running
  })
  await quiet()
  const pass = async (ms: number): Promise<void> => {
    clock.ms += ms
    test.mock.timers.tick(ms)
    await quiet()
  }
  const add = async (pod: Pod): Promise<void> => {
    bed.pods.push(pod)
    evictions.podChanged(pod)
    await quiet()
  }
  return { bed, pass, add }
}

const uid = (digit: number): string => `00000000-0000-4000-8000-00000000000${digit}`
const exceeds = (of: string): string => `${of}: Usage of EmptyDir volume "a" exceeds the limit "1Mi". `

describe('Pods whose volumes hold more than they may', () => {
  it('are evicted, and the others are not', async (t) => {
    const { bed, pass } = await aBed(t, limited(uid(1), 'a'), limited(uid(2), 'a'), limited(uid(3), 'a'))
    bed.used.set(`${uid(1)}/a`, 2_000_000).set(`${uid(2)}/a`, 1_000_000)
    await pass(intervalMs)
    assert.deepEqual(bed.evicted, [exceeds(uid(1))])
    assert.deepEqual(
      bed.measured,
      [1, 2, 3].map((digit) => `${uid(digit)}/a`),
    )
  })

  it('are measured every ten seconds, and one that has come with the others', async (t) => {
    const { bed, pass, add } = await aBed(t, limited(uid(1), 'a'))
    await pass(intervalMs - 1)
    await add(limited(uid(2), 'a'))
    assert.deepEqual(bed.measured, [])
    await pass(1)
    assert.deepEqual(bed.measured, [`${uid(1)}/a`, `${uid(2)}/a`])
    await pass(intervalMs)
    assert.equal(bed.measured.length, 4)
  })

  it('are measured after ten seconds when somebody has set the clock back, too', async (t) => {
    const { bed, pass } = await aBed(t, limited(uid(1), 'a'))
    t.mock.method(Date, 'now', () => -3_600_000)
    await pass(intervalMs)
    assert.deepEqual(bed.measured, [`${uid(1)}/a`])
  })

  it('are evicted for the first of their volumes, and the rest is not measured', async (t) => {
    const { bed, pass } = await aBed(t, limited(uid(1), 'a', 'b'))
    bed.used.set(`${uid(1)}/a`, 2_000_000).set(`${uid(1)}/b`, 2_000_000)
    await pass(intervalMs)
    assert.deepEqual([bed.evicted, bed.measured], [[exceeds(uid(1))], [`${uid(1)}/a`]])
  })

  it('are not left alone because another takes long, which is not measured again before it has an end', async (t) => {
    const { bed, pass } = await aBed(t, limited(uid(1), 'a'), limited(uid(2), 'a'))
    bed.slow = uid(1)
    bed.used.set(`${uid(1)}/a`, 2_000_000).set(`${uid(2)}/a`, 2_000_000)
    await pass(intervalMs)
    assert.deepEqual(bed.evicted, [])
    await pass(20_000)
    assert.deepEqual(bed.evicted, [exceeds(uid(2))])
    await pass(intervalMs)
    assert.deepEqual(bed.measured, [`${uid(1)}/a`, `${uid(2)}/a`])
    bed.counted.resolve()
    await pass(0)
    assert.deepEqual(bed.evicted, [exceeds(uid(2)), exceeds(uid(1))])
  })

  it('are measured as a whole where they, or their containers, may have only so much', async (t) => {
    const { bed, pass } = await aBed(t, bounded(uid(1)), bounded(uid(2)), limited(uid(3), 'a'))
    bed.used.set(uid(2), 2_000_000)
    await pass(intervalMs)
    assert.deepEqual(bed.measured, [`${uid(1)} whole`, `${uid(2)} whole`, `${uid(3)}/a`])
    const message = 'Pod ephemeral local storage usage exceeds the total limit of containers 1Mi. '
    assert.deepEqual(bed.evicted, [`${uid(2)}: ${message}`])
  })

  it('are let be where they are never evicted', async (t) => {
    const { bed, pass } = await aBed(t, { ...bounded(uid(1)), status: { phase: 'Failed' } })
    await pass(10 * intervalMs)
    assert.deepEqual(bed.measured, [])
  })

  it('cost nothing where there are none: no timer runs before one comes', async (t) => {
    const { bed, pass, add } = await aBed(t, aPod())
    await add(aPod({ metadata: { uid: uid(1) } }))
    await pass(10 * intervalMs)
    assert.deepEqual(bed.measured, [])
    await add(limited(uid(2), 'a'))
    await pass(intervalMs)
    assert.deepEqual(bed.measured, [`${uid(2)}/a`])
  })
})
