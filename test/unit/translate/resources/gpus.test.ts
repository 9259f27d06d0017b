import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { chooseGpus, gpuDevices, gpusAsked } from '../../../../src/translate/resources/gpus.ts'
import { aContainer } from '../../../builders/pod.ts'

describe('The GPUs of a container', () => {
  const all = ['0', '1', '2', '3']

  it('are as many as it is limited to', () => {
    assert.equal(gpusAsked(aContainer({ resources: { limits: { 'nvidia.com/gpu': '2' } } })), 2)
    assert.equal(gpusAsked(aContainer({ resources: { limits: { 'amd.com/gpu': '2' } } })), 0)
  })

  it('are those that nobody has, after those that its Pod has to spare', () => {
    assert.deepEqual(chooseGpus(2, { all, taken: new Set(['0']), reusable: [] }), ['1', '2'])
    assert.deepEqual(chooseGpus(2, { all, taken: new Set(['0']), reusable: ['3'] }), ['3', '1'])
    assert.deepEqual(chooseGpus(1, { all, taken: new Set(), reusable: ['2', '3'] }), ['2'])
  })

  it('are refused where there are not enough', () => {
    assert.throws(() => chooseGpus(3, { all, taken: new Set(['0', '1']), reusable: [] }), {
      code: 'invalid',
      message:
        'Allocate failed due to requested number of devices unavailable for nvidia.com/gpu. Requested: 3, Available: 2, which is unexpected',
    })
    // One that has been taken out of the machine is none to be had again.
    assert.throws(() => chooseGpus(1, { all: [], taken: new Set(), reusable: ['7'] }))
  })

  it('are asked for by name', () => {
    assert.deepEqual(gpuDevices([]), {})
    assert.deepEqual(gpuDevices(['1', '3']), {
      DeviceRequests: [{ Driver: 'nvidia', DeviceIDs: ['1', '3'], Capabilities: [['gpu']] }],
    })
  })
})
