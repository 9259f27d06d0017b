import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { kubeletConfiguration } from '../../../src/config/kubelet-configuration.ts'
import { base, faults, load } from './loading.ts'

describe('how much is kept of the log of a container', () => {
  it('is left to Docker when nothing is said', async () => {
    const { config } = await load([base])
    assert.equal(config.logRotation, undefined)
  })

  it('is what is said; who says one of the two has the default of the kubelet for the other', async () => {
    const { config: fewFiles } = await load([base, '--container-log-max-files=3'])
    assert.deepEqual(fewFiles.logRotation, { maxBytes: 10_485_760, maxFiles: 3 })
    const { config: small } = await load([base, '--container-log-max-size=1Mi'])
    assert.deepEqual(small.logRotation, { maxBytes: 1_048_576, maxFiles: 5 })
    const { config } = await load([base, '--container-log-max-size=1500k', '--container-log-max-files=2'])
    assert.deepEqual(config.logRotation, { maxBytes: 1_500_000, maxFiles: 2 })
  })

  it('is left to Docker with a negative size', async () => {
    const { config } = await load([base, '--container-log-max-size=-1'])
    assert.equal(config.logRotation, undefined)
    assert.equal(kubeletConfiguration(config)['containerLogMaxSize'], '-1')
  })

  it('is shown as it would be written', async () => {
    const { config } = await load([base, '--container-log-max-size=1Gi'])
    const { containerLogMaxSize, containerLogMaxFiles } = kubeletConfiguration(config)
    assert.deepEqual([containerLogMaxSize, containerLogMaxFiles], ['1Gi', 5])
  })

  const size = 'must be a size such as "10Mi", or a negative one for no limit'
  const wrong: readonly (readonly [flag: string, fault: string])[] = [
    ['--container-log-max-size=much', `Invalid value "much" for --container-log-max-size: ${size}`],
    ['--container-log-max-size=0', `Invalid value "0" for --container-log-max-size: ${size}`],
    [
      '--container-log-max-files=1',
      'Invalid value "1" for --container-log-max-files: must be a whole number from 2 to 2147483647',
    ],
  ]
  for (const [flag, fault] of wrong) {
    it(`is not ${flag}`, async () => {
      assert.equal(await faults([base, flag]), fault)
    })
  }
})
