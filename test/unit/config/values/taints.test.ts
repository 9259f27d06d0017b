import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { taints } from '../../../../src/config/values/taints.ts'

const refusal = (expected: string) => ({ kind: 'fault', expected })

describe('taints of a flag', () => {
  it('are key=value:Effect or key:Effect', () => {
    assert.deepEqual(taints.fromFlag(['a=b:NoSchedule,c:NoExecute', 'a=:PreferNoSchedule']), {
      kind: 'value',
      value: [
        { key: 'a', value: 'b', effect: 'NoSchedule' },
        { key: 'c', value: '', effect: 'NoExecute' },
        { key: 'a', value: '', effect: 'PreferNoSchedule' },
      ],
    })
  })

  it('are refused without an effect', () => {
    assert.deepEqual(taints.fromFlag(['a=b']), refusal('taints as key=value:Effect or key:Effect, and "a=b" is none'))
  })

  it('are refused with a key that is no name', () => {
    assert.deepEqual(
      taints.fromFlag(['/a=b:NoSchedule']),
      refusal('valid taints, and "/a=b" is none: prefix part must be non-empty'),
    )
  })

  it('are refused when key and effect come twice', () => {
    assert.deepEqual(
      taints.fromFlag(['a=b:NoSchedule,a=c:NoSchedule']),
      refusal('taints that differ in key or effect, and "a:NoSchedule" is given twice'),
    )
  })
})

describe('taints of a file', () => {
  it('may lack a value', () => {
    const value = [{ key: 'a', value: '', effect: 'NoExecute' }]
    assert.deepEqual(taints.fromFile([{ key: 'a', effect: 'NoExecute' }]), { kind: 'value', value })
  })

  it('are refused as anything but a list of objects', () => {
    const objects = refusal('a list of taints with the strings key, effect and, if wanted, value')
    assert.deepEqual(taints.fromFile('a=b:NoSchedule'), refusal('a list of taints'))
    assert.deepEqual(taints.fromFile(['a=b:NoSchedule']), objects)
    assert.deepEqual(taints.fromFile([null]), objects)
    assert.deepEqual(taints.fromFile([{ key: 1, effect: 'NoExecute' }]), objects)
  })
})
