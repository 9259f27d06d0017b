import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { flagValues } from '../../../src/config/kubelet-flag-values.ts'
import { base, defaults, faults, load } from './loading.ts'

/** Thresholds as they are written, `memory.available<1Gi after 90s`. */
async function thresholds(...argv: readonly string[]): Promise<readonly string[]> {
  const { config } = await load([base, ...argv])
  return config.eviction.thresholds.map(({ signal, value, graceMs, minReclaim }) => {
    const amount = value.kind === 'quantity' ? value.quantity : `${Math.round(value.share * 1000) / 10}%`
    const more =
      minReclaim === undefined ? '' : ` and ${minReclaim.kind === 'quantity' ? minReclaim.quantity : minReclaim.share}`
    return `${signal}<${amount}${graceMs > 0 ? ` after ${graceMs / 1000}s` : ''}${more}`
  })
}

describe('the thresholds of eviction', () => {
  it('that are given stand instead of all the default ones', async () => {
    assert.deepEqual(await thresholds('--eviction-hard=nodefs.available<1.5Gi,pid.available<2k'), [
      'nodefs.available<1536Mi',
      'pid.available<2k',
    ])
    assert.deepEqual(await thresholds('--eviction-hard='), [])
  })

  it('stand beside the default ones where those are merged in', async () => {
    const file = [
      'apiVersion: kubelet.config.k8s.io/v1beta1',
      'kind: KubeletConfiguration',
      'mergeDefaultEvictionSettings: true',
      'evictionHard: { memory.available: 5%, pid.available: 1000 }',
    ].join('\n')
    const { config } = await load([base], { file })
    assert.deepEqual(config.eviction.hard, {
      ...defaults.eviction.hard,
      'memory.available': '5%',
      'pid.available': '1000',
    })
  })

  it('are as many for what all Pods have together, where they are held to it, and only hard ones', async () => {
    const flags = ['--eviction-hard=memory.available<1Gi', '--eviction-minimum-reclaim=memory.available=500Mi']
    const soft = ['--eviction-soft=memory.available<2Gi', '--eviction-soft-grace-period=memory.available=1m30s']
    assert.deepEqual(await thresholds(...flags, ...soft), [
      'memory.available<1Gi and 500Mi',
      'memory.available<2Gi after 90s and 500Mi',
      'allocatableMemory.available<1Gi and 500Mi',
    ])
    assert.deepEqual(await thresholds(...flags, '--enforce-node-allocatable=none'), ['memory.available<1Gi and 500Mi'])
    assert.deepEqual(await thresholds(...flags, '--experimental-allocatable-ignore-eviction'), [
      'memory.available<1Gi and 500Mi',
    ])
  })

  it('are none where they are never crossed, or always', async () => {
    assert.deepEqual(await thresholds('--eviction-hard=memory.available<0%,nodefs.available<100%'), [])
  })

  it('keep back nothing from Pods where that is said', async () => {
    const { config } = await load([base, '--experimental-allocatable-ignore-eviction'])
    assert.deepEqual(config.eviction.reserved, [])
  })

  it('are shown as they are written', async () => {
    const { config } = await load([
      base,
      '--eviction-hard=memory.available<1Gi',
      '--eviction-minimum-reclaim=nodefs.available=1Gi',
    ])
    const { 'eviction-hard': hard, 'eviction-minimum-reclaim': reclaim } = flagValues(config)
    assert.deepEqual([hard, reclaim], ['memory.available<1Gi', 'nodefs.available=1Gi'])
  })

  const soft = '--eviction-soft (evictionSoft)'
  const hard = '--eviction-hard (evictionHard)'
  const reclaim = '--eviction-minimum-reclaim (evictionMinimumReclaim)'
  const period = '--eviction-soft-grace-period (evictionSoftGracePeriod)'
  const wrong: Readonly<Record<string, string>> = {
    '--eviction-hard=memory.free<1Gi': `${hard}: unsupported eviction signal memory.free`,
    '--eviction-hard=memory.available<-10%': `${hard}: eviction percentage threshold memory.available must be >= 0%: -10%`,
    '--eviction-hard=memory.available<101%': `${hard}: eviction percentage threshold memory.available must be <= 100%: 101%`,
    '--eviction-hard=memory.available<0': `${hard}: eviction threshold memory.available must be positive: 0`,
    '--eviction-hard=memory.available<-1Gi': `${hard}: eviction threshold memory.available must be positive: -1Gi`,
    '--eviction-hard=memory.available<much': `${hard}: memory.available: "much" is no quantity such as "100Mi", and no percentage`,
    '--eviction-hard=memory.available<x%': `${hard}: "x%" is no percentage`,
    '--eviction-hard=memory.available=1Gi':
      'Invalid value "memory.available=1Gi" for --eviction-hard: must be pairs like signal<value, and "memory.available=1Gi" is none',
    '--eviction-soft=memory.available<1Gi': `${soft}: grace period must be specified for the soft eviction threshold memory.available`,
    '--eviction-soft-grace-period=memory.available=-30s': `${period}: invalid eviction grace period specified: -30s, must be a positive value`,
    '--eviction-soft-grace-period=memory.available=soon': `${period}: memory.available: "soon" is no duration such as "1m30s"`,
    '--eviction-soft-grace-period=memory=30s': `${period}: unsupported eviction signal memory`,
    '--eviction-minimum-reclaim=memory.available=-300Mi': `${reclaim}: negative eviction minimum reclaim specified for memory.available`,
    '--eviction-minimum-reclaim=memory.available=0%': `${reclaim}: eviction percentage minimum reclaim memory.available must be positive: 0%`,
  }
  for (const [flag, fault] of Object.entries(wrong)) {
    it(`are refused: ${flag}`, async () => assert.equal(await faults([base, flag]), fault))
  }
})
