import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { limitProperties, SystemdSlices } from '../../../src/cgroup/systemd-slices.ts'

const name = ['kubepods', 'burstable', 'pod0f6c-1']
const limits = { cpuShares: 102, cpuQuota: { quotaUs: 12_345, periodUs: 100_000 }, memoryBytes: 1024, pids: 7 }

/** Slices whose calls are kept; those of `failing` methods are refused. */
function recorded(failing: readonly string[] = []): { readonly slices: SystemdSlices; readonly calls: string[] } {
  const calls: string[] = []
  const slices = new SystemdSlices(async (args) => {
    calls.push(args.slice(6).join(' '))
    if (failing.some((method) => args.includes(method))) throw new Error('Unit exists')
  }, '2')
  return { slices, calls }
}

describe('A slice', () => {
  it('is made with what is counted in it and its limits', async () => {
    const { slices, calls } = recorded()
    await slices.set(name, { cpuShares: 102 })
    assert.deepEqual(calls, [
      'StartTransientUnit ssa(sv)a(sa(sv)) kubepods-burstable-pod0f6c_1.slice replace 6 ' +
        'Description s Pods of minikubelet: kubepods/burstable/pod0f6c-1 DefaultDependencies b false ' +
        'MemoryAccounting b true CPUAccounting b true TasksAccounting b true CPUWeight t 4 0',
    ])
  })

  it('has its limits set where it is there already', async () => {
    const { slices, calls } = recorded(['StartTransientUnit'])
    await slices.set(name, { pids: 7 })
    assert.deepEqual(calls.slice(1), [
      'SetUnitProperties sba(sv) kubepods-burstable-pod0f6c_1.slice true 1 TasksMax t 7',
    ])
  })

  it('cannot be set where systemd takes neither', async () => {
    const { slices } = recorded(['StartTransientUnit', 'SetUnitProperties'])
    await assert.rejects(slices.set(name, { pids: 7 }), /Unit exists/u)
  })

  it('is stopped, and gone already is as good', async () => {
    const { slices, calls } = recorded(['StopUnit'])
    await slices.remove(name)
    assert.deepEqual(calls, ['StopUnit ss kubepods-burstable-pod0f6c_1.slice replace'])
  })
})

describe('The limits of a slice', () => {
  it('are those of the version of cgroups, CPU time in hundredths of a CPU', () => {
    assert.deepEqual(limitProperties(limits, '2'), [
      ['CPUWeight', 't', '4'],
      ['CPUQuotaPeriodUSec', 't', '100000'],
      ['CPUQuotaPerSecUSec', 't', '130000'],
      ['MemoryMax', 't', '1024'],
      ['TasksMax', 't', '7'],
    ])
    const first = limitProperties({ ...limits, cpuQuota: { quotaUs: -1, periodUs: 100_000 } }, '1')
    assert.deepEqual(first, [
      ['CPUShares', 't', '102'],
      ['CPUQuotaPeriodUSec', 't', '100000'],
      ['CPUQuotaPerSecUSec', 't', '18446744073709551615'],
      ['MemoryLimit', 't', '1024'],
      ['TasksMax', 't', '7'],
    ])
  })
})
