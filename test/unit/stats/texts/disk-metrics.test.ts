import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { podUid } from '../../../../src/model/ids.ts'
import { diskMetrics } from '../../../../src/stats/texts/disk-metrics.ts'
import { aFileSystem, measuredAtMs } from '../../../builders/usage.ts'
import { metricLines } from '../../../support/metric-lines.ts'

const content = { atMs: measuredAtMs, bytes: 1000, inodes: 10 }
const volume = { name: 'v', claimName: 'data-0', isLocalEphemeral: false, fileSystem: aFileSystem, content }

function pod(name: string): Parameters<typeof diskMetrics>[0][number] {
  const owner = { podUid: podUid(`uid-${name}`), podName: name, podNamespace: 'default' }
  return { owner, logs: new Map([['main', content]]), volumes: [volume, { ...volume, claimName: undefined }] }
}

describe('What disks have to tell in /metrics', () => {
  it('is of each claim once, however many Pods use it, and of no other volume', () => {
    assert.deepEqual(
      metricLines(diskMetrics([pod('a'), pod('b')]), 'kubelet_volume_stats').map((line) =>
        line.replace('kubelet_volume_stats_', ''),
      ),
      ['available_bytes', 'capacity_bytes', 'inodes', 'inodes_free', 'inodes_used', 'used_bytes'].map((name, index) => {
        const values = ['600000', '1e+06', '1000', '900', '10', '1000']
        return `${name}{namespace="default",persistentvolumeclaim="data-0"} ${values[index]}`
      }),
    )
  })

  it('is of the logs of each container', () => {
    assert.deepEqual(metricLines(diskMetrics([pod('a')]), 'kubelet_container_log'), [
      'kubelet_container_log_filesystem_used_bytes{container="main",namespace="default",pod="a",uid="uid-a"} 1000',
    ])
  })
})
