import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { base, faults, load } from './loading.ts'

const head = 'apiVersion: kubelet.config.k8s.io/v1beta1\nkind: KubeletConfiguration\n'

describe('what is kept of containers and images', () => {
  it('is what the flags say', async () => {
    const { config } = await load([
      base,
      '--minimum-container-ttl-duration=1m',
      '--maximum-dead-containers-per-container=2',
      '--maximum-dead-containers=50',
      '--image-gc-high-threshold=70',
      '--image-gc-low-threshold=60',
      '--minimum-image-ttl-duration=0s',
      '--image-gc-scope=all',
    ])
    assert.deepEqual(config.garbage, {
      containers: { minAgeMs: 60_000, perContainer: 2, total: 50 },
      images: { highPercent: 70, lowPercent: 60, minAgeMs: 0, maxAgeMs: 0 },
      scope: 'all',
    })
  })

  it('is what the file says, where 0 for the least age is none said', async () => {
    const file = 'imageGCHighThresholdPercent: 100\nimageMinimumGCAge: 0s\nimageMaximumGCAge: 2h\n'
    const { config } = await load([base], { file: head + file })
    assert.deepEqual(config.garbage.images, {
      highPercent: 100,
      lowPercent: 80,
      minAgeMs: 120_000,
      maxAgeMs: 7_200_000,
    })
  })

  const high = 'imageGCHighThresholdPercent (--image-gc-high-threshold)'
  const low = 'imageGCLowThresholdPercent (--image-gc-low-threshold)'
  const wrong: readonly (readonly [flags: readonly string[], file: string, fault: string])[] = [
    [['--image-gc-high-threshold=101'], '', `${high} 101 must be between 0 and 100, inclusive`],
    [['--image-gc-low-threshold=-1'], '', `${low} -1 must be between 0 and 100, inclusive`],
    [['--image-gc-low-threshold=85'], '', `${low} 85 must be less than ${high} 85`],
    [['--minimum-image-ttl-duration=-1s'], '', 'imageMinimumGCAge -1s must not be negative'],
    [[], 'imageMaximumGCAge: -1m', 'imageMaximumGCAge -1m0s must not be negative'],
    [[], 'imageMaximumGCAge: 2m', 'imageMaximumGCAge 2m0s must be greater than imageMinimumGCAge 2m0s'],
  ]
  for (const [flags, file, fault] of wrong) {
    it(`is refused as the kubelet refuses it: ${fault}`, async () => {
      assert.equal(
        await faults([base, ...flags], file === '' ? {} : { file: head + file }),
        `invalid configuration: ${fault}`,
      )
    })
  }

  it('is refused with an age of containers below 0', async () => {
    const text = 'invalid minimum garbage collection age: -1s'
    assert.equal(await faults([base, '--minimum-container-ttl-duration=-1s']), text)
  })
})

describe('how long Pods have when the machine shuts down', () => {
  it('is nothing, unless the file says so', async () => {
    const file = 'shutdownGracePeriod: 30s\nshutdownGracePeriodCriticalPods: 10s\n'
    const { config } = await load([base], { file: head + file })
    assert.deepEqual(config.shutdown, { graceMs: 30_000, criticalGraceMs: 10_000, periods: [] })
  })

  it('can be said for each priority', async () => {
    const file =
      'shutdownGracePeriodByPodPriority: [{ priority: 100, shutdownGracePeriodSeconds: 20 }, { priority: 0 }]'
    const { config } = await load([base], { file: head + file })
    assert.deepEqual(config.shutdown.periods, [
      { priority: 100, seconds: 20 },
      { priority: 0, seconds: 0 },
    ])
  })

  const wrong: readonly (readonly [file: string, fault: string])[] = [
    [
      'shutdownGracePeriod: 10s\nshutdownGracePeriodCriticalPods: 20s',
      'shutdownGracePeriodCriticalPods 20s must be <= shutdownGracePeriod 10s',
    ],
    ['shutdownGracePeriod: 500ms', 'shutdownGracePeriod 500ms must be either zero or otherwise >= 1 sec'],
    [
      'shutdownGracePeriod: 5s\nshutdownGracePeriodCriticalPods: 1ms',
      'shutdownGracePeriodCriticalPods 1ms must be either zero or otherwise >= 1 sec',
    ],
    [
      'shutdownGracePeriod: 5s\nshutdownGracePeriodByPodPriority: [{ priority: 1, shutdownGracePeriodSeconds: 2 }]',
      'Cannot specify both shutdownGracePeriodByPodPriority and shutdownGracePeriod at the same time',
    ],
  ]
  for (const [file, fault] of wrong) {
    it(`is refused as the kubelet refuses it: ${fault}`, async () => {
      assert.equal(await faults([base], { file: head + file }), `invalid configuration: ${fault}`)
    })
  }

  it('is refused where it is no list of priorities', async () => {
    const file = 'shutdownGracePeriodByPodPriority: [{ priority: high }]'
    assert.match(
      await faults([base], { file: head + file }),
      /shutdownGracePeriodByPodPriority must be a list of \{ priority: NUMBER/u,
    )
  })
})
