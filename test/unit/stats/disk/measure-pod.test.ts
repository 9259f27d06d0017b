import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { ContainerPlaces } from '../../../../src/stats/container-places.ts'
import { measurePod } from '../../../../src/stats/disk/measure-pod.ts'
import { runningPod } from '../../../../src/stats/running-pods.ts'
import { anObservedContainer, anObservedPod } from '../../../builders/observed.ts'
import { aContainer, aPod, aPodUid } from '../../../builders/pod.ts'
import { HostInFiles } from '../../../support/host-in-files.ts'

const volumeMounts = ['cache', 'memory'].map((name) => ({ name, mountPath: `/${name}` }))
const pod = aPod({
  spec: {
    containers: [aContainer({ volumeMounts })],
    volumes: [
      { name: 'cache', emptyDir: {} },
      { name: 'memory', emptyDir: { medium: 'Memory' } },
    ],
  },
})
const containers = [anObservedContainer({ state: { phase: 'running', startedAtMs: 5, pid: 4712 } })]
const running = runningPod(anObservedPod({ containers }))?.containers ?? []

/** A host on which a Pod has files everywhere. */
function aHost(upper: (tree: string) => string): HostInFiles {
  const host = new HostInFiles('1')
  const volumes = `root/pods/${aPodUid}/volumes/kubernetes.io~empty-dir`
  host.tree.write({
    'docker/overlay2/layer/diff/outside.txt': 'x',
    'docker/containers/main-0/main-0-json.log': 'x',
    'docker/containers/main-0/main-0-json.log.1': 'x',
    'docker/containers/main-0/config.v2.json': 'x',
    [`${volumes}/cache/one`]: 'x',
    [`${volumes}/cache/two`]: 'x',
    [`${volumes}/memory/one`]: 'x',
    [`root/pods/${aPodUid}/etc-hosts`]: 'x',
  })
  host.process(4712, '/kubepods/main-0', upper(host.tree.path))
  return host
}

async function measured(host: HostInFiles, dockerRoot: string | undefined) {
  const paths = { root: join(host.tree.path, 'root'), podLogs: '/nowhere' }
  const places = new ContainerPlaces(host.proc)
  return measurePod(pod, running, { paths, dockerRoot, places }, AbortSignal.timeout(60_000))
}

describe('What a Pod has on disks now', () => {
  it('lies in the layers and logs of its containers, in its volumes but for those in memory, and in its file of hosts', async () => {
    for (const upper of [(tree: string) => join(tree, 'docker/overlay2/layer/diff'), () => 'layer/diff']) {
      using host = aHost(upper)
      const { containers: found, volumes, hostsFile } = await measured(host, join(host.tree.path, 'docker'))
      assert.deepEqual(
        found.map(({ name, rootfs, logs }) => [name, rootfs?.inodes, logs?.inodes]),
        [['main', 2, 2]],
      )
      assert.deepEqual(
        volumes.map(({ name, inodes, isLocalEphemeral }) => [name, inodes, isLocalEphemeral]),
        [['cache', 3, true]],
      )
      assert.equal(hostsFile?.inodes, 1)
    }
  })

  it('is in its volumes alone, as far as is known, where Docker is on another host', async () => {
    using host = aHost(() => '/nowhere')
    const { containers: found, volumes } = await measured(host, undefined)
    assert.deepEqual([found, volumes.length], [[], 1])
  })
})
