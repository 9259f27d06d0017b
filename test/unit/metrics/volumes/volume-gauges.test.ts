import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { volumeGauges } from '../../../../src/metrics/volumes/volume-gauges.ts'
import type { WorkedPod } from '../../../../src/metrics/pods/pod-gauges.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import { metricLines } from '../../../support/metric-lines.ts'

const mounts = ['data', 'claim', 'token'].map((name) => ({ name, mountPath: `/${name}` }))
const pod = aPod({
  spec: {
    containers: [aContainer({ volumeMounts: mounts })],
    volumes: [
      { name: 'data', emptyDir: {} },
      { name: 'claim', persistentVolumeClaim: { claimName: 'c' } },
      { name: 'token', projected: { sources: [] } },
      { name: 'nobodys', hostPath: { path: '/' } },
    ],
  },
})
const worked: WorkedPod = { pod, lifecycle: 'sync', isWanted: true, mountedVolumes: ['data', 'token'] }

describe('How many volumes there are', () => {
  it('is how many containers mount, and how many are there, by what they are of', () => {
    assert.deepEqual(metricLines(volumeGauges([worked, worked])), [
      'volume_manager_total_volumes{plugin_name="N/A",state="desired_state_of_world"} 2',
      'volume_manager_total_volumes{plugin_name="kubernetes.io/empty-dir",state="actual_state_of_world"} 2',
      'volume_manager_total_volumes{plugin_name="kubernetes.io/empty-dir",state="desired_state_of_world"} 2',
      'volume_manager_total_volumes{plugin_name="kubernetes.io/projected",state="actual_state_of_world"} 2',
      'volume_manager_total_volumes{plugin_name="kubernetes.io/projected",state="desired_state_of_world"} 2',
    ])
  })

  it('is, of a Pod that ends, what is still there', () => {
    assert.deepEqual(metricLines(volumeGauges([{ ...worked, lifecycle: 'terminating', mountedVolumes: ['data'] }])), [
      'volume_manager_total_volumes{plugin_name="kubernetes.io/empty-dir",state="actual_state_of_world"} 1',
    ])
  })
})
