import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { PodEvent } from '../../../src/model/pod-event.ts'
import { kubeEvent } from '../../../src/status/kube-event.ts'
import { PodVolumes } from '../../../src/volume/pod-volumes.ts'
import { aContainer, aPod } from '../../builders/pod.ts'
import { volumeFacts } from '../../builders/volumes.ts'
import { FakeMounts } from '../../fakes/fake-mounts.ts'
import { quiet } from '../../support/quiet.ts'
import { temporaryFolder } from './temporary-folder.ts'

describe('a volume that could not be mounted', () => {
  it('is told at once, while another one of the Pod waits for its server', async (test) => {
    const root = await temporaryFolder(test)
    const server = Promise.withResolvers<void>()
    const mounts = new FakeMounts({ root, before: () => server.promise })
    const events: PodEvent[] = []
    const volumes = new PodVolumes({
      paths: { root, podLogs: '/var/log/pods' },
      mounts,
      emit: (event) => void events.push(event),
    })
    const absent = join(root, 'absent')
    const pod = aPod({
      spec: {
        volumes: [
          { name: 'slow', nfs: { server: 'files.example.com', path: '/export' } },
          { name: 'wrong', hostPath: { path: absent, type: 'Directory' } },
        ],
        containers: [aContainer({ volumeMounts: ['slow', 'wrong'].map((name) => ({ name, mountPath: `/${name}` })) })],
      },
    })
    const setUp = volumes.setUp(pod, volumeFacts(), test.signal)
    await quiet()
    const why = `hostPath type check failed: ${absent} is not a directory`
    assert.deepEqual(
      events.map((event) => kubeEvent(event)?.message),
      [`MountVolume.SetUp failed for volume "wrong" : ${why}`],
    )
    server.resolve()
    const { mounted, failures } = await setUp
    assert.deepEqual([[...mounted.keys()], failures.map(({ volumeName }) => volumeName)], [['slow'], ['wrong']])
    assert.equal(events.length, 1)
  })
})
