import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podGauges, type PodsSeen } from '../../../../src/metrics/pods/pod-gauges.ts'
import { podUid } from '../../../../src/model/ids.ts'
import { configSourceAnnotation } from '../../../../src/model/pod.ts'
import { anObservedContainer, anObservedSandbox, created, exited } from '../../../builders/observed.ts'
import { aContainer, aPod } from '../../../builders/pod.ts'
import { counted, metricLines } from '../../../support/metric-lines.ts'

const none: PodsSeen = { wanted: [], worked: [], observed: [], mirrors: 0 }
const pod = aPod()
const mountedVolumes: readonly string[] = []
const fromFile = aPod({ metadata: { annotations: { [configSourceAnnotation]: 'file' } } })

describe('How many Pods there are', () => {
  it('is told of every kind, also of those of which there is none', () => {
    const lines = metricLines(podGauges(none))
    assert.deepEqual(
      lines.filter((line) => !line.endsWith(' 0')),
      [],
    )
    assert.equal(lines.filter((line) => line.startsWith('kubelet_working_pods{')).length, 15)
    assert.equal(lines.filter((line) => line.startsWith('kubelet_desired_pods{')).length, 2)
    assert.equal(lines.filter((line) => line.startsWith('kubelet_active_pods{')).length, 2)
  })

  it('tells static ones apart, by where they stand', () => {
    const seen: PodsSeen = {
      ...none,
      wanted: [pod, pod, fromFile],
      worked: [
        { pod, isWanted: true, lifecycle: 'sync', mountedVolumes },
        { pod, isWanted: true, lifecycle: 'terminated', mountedVolumes },
        { pod: fromFile, isWanted: true, lifecycle: 'terminating', mountedVolumes },
        { pod: fromFile, isWanted: false, lifecycle: 'terminating', mountedVolumes },
        { pod: undefined, isWanted: false, lifecycle: 'terminating', mountedVolumes },
      ],
      mirrors: 2,
    }
    assert.deepEqual(counted(podGauges(seen)), [
      'kubelet_active_pods{static=""} 1',
      'kubelet_active_pods{static="true"} 1',
      'kubelet_desired_pods{static=""} 2',
      'kubelet_desired_pods{static="true"} 1',
      'kubelet_mirror_pods 2',
      'kubelet_working_pods{config="desired",lifecycle="sync",static=""} 1',
      'kubelet_working_pods{config="desired",lifecycle="terminated",static=""} 1',
      'kubelet_working_pods{config="desired",lifecycle="terminating",static="true"} 1',
      'kubelet_working_pods{config="orphan",lifecycle="terminating",static="true"} 1',
      'kubelet_working_pods{config="runtime_only",lifecycle="terminating",static="unknown"} 1',
    ])
  })

  it('is, of those that run, how many sandboxes do, and of containers how many are in which state', () => {
    const uid = podUid('u')
    const observed: PodsSeen['observed'] = [
      { uid, sandboxes: [anObservedSandbox(), anObservedSandbox({ attempt: 1 })], containers: [anObservedContainer()] },
      {
        uid,
        sandboxes: [anObservedSandbox({ state: exited() })],
        containers: [anObservedContainer({ state: exited() }), anObservedContainer({ state: created })],
      },
    ]
    assert.deepEqual(counted(podGauges({ ...none, observed })), [
      'kubelet_running_containers{container_state="created"} 1',
      'kubelet_running_containers{container_state="exited"} 1',
      'kubelet_running_containers{container_state="running"} 1',
      'kubelet_running_pods 1',
    ])
  })

  it('is also of ephemeral containers, and of resizes that wait or are under way', () => {
    const ephemeralContainers = [{ ...aContainer(), name: 'debugger' }]
    const conditions = [
      { type: 'PodResizePending', status: 'True', reason: 'Deferred' },
      { type: 'PodResizeInProgress', status: 'True' },
      { type: 'PodResizeInProgress', status: 'False' },
    ]
    const wanted = [aPod({ spec: { ephemeralContainers }, status: { conditions } }), pod]
    assert.deepEqual(counted(podGauges({ ...none, wanted }), 'kubelet_managed'), [
      'kubelet_managed_ephemeral_containers 1',
    ])
    assert.deepEqual(counted(podGauges({ ...none, wanted }), 'kubelet_pod_'), [
      'kubelet_pod_in_progress_resizes 1',
      'kubelet_pod_pending_resizes{reason="deferred"} 1',
    ])
  })
})
