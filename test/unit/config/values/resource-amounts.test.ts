import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { resourceAmounts } from '../../../../src/config/values/resource-amounts.ts'

const refusal = (expected: string) => ({ kind: 'fault', expected })
const names = 'cpu, memory, ephemeral-storage, pid'

describe('amounts that are kept from Pods', () => {
  it('are resource=quantity on the command line, and an object in the file', () => {
    const value = { cpu: '500m', memory: '1Gi' }
    assert.deepEqual(resourceAmounts.fromFlag(['cpu=500m, memory=1Gi']), { kind: 'value', value })
    assert.deepEqual(resourceAmounts.fromFlag(['cpu=500m', 'memory=1Gi']), { kind: 'value', value })
    assert.deepEqual(resourceAmounts.fromFile({ cpu: 1, memory: '1Gi' }), {
      kind: 'value',
      value: { cpu: '1', memory: '1Gi' },
    })
  })

  it('are refused without a quantity, or with one that is none or less than nought', () => {
    assert.deepEqual(resourceAmounts.fromFlag(['cpu']), refusal('resource=quantity pairs, and "cpu" is none'))
    for (const wrong of ['much', '-1', '']) {
      const expected = `quantities such as "500m" or "1Gi", and "cpu=${wrong}" is none`
      assert.deepEqual(resourceAmounts.fromFlag([`cpu=${wrong}`]), refusal(expected))
    }
    assert.equal(resourceAmounts.fromFile({ cpu: true }).kind, 'fault')
  })

  it('are refused for what cannot be kept back', () => {
    assert.deepEqual(resourceAmounts.fromFlag(['gpu=1']), refusal(`amounts of ${names}, and "gpu" is none of them`))
    assert.deepEqual(resourceAmounts.fromFile(['cpu=1']), refusal('an object of quantities'))
  })
})
