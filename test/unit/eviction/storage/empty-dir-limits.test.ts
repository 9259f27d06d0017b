import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { emptyDirVerdict, limitedVolumes } from '../../../../src/eviction/storage/empty-dir-limits.ts'
import type { Pod, VolumeSpec } from '../../../../src/model/kube.ts'
import { aContainer, aPod, aPodUid, type PodChange } from '../../../builders/pod.ts'

const paths = { root: '/var/lib/minikubelet', podLogs: '/var/log/pods' }

function mounting(volumes: readonly VolumeSpec[], change: PodChange = {}): Pod {
  const volumeMounts = volumes.map(({ name }) => ({ name, mountPath: `/${name}` }))
  return aPod({ ...change, spec: { containers: [aContainer({ volumeMounts })], volumes, ...change.spec } })
}

const limitsOf = (pod: Pod): readonly string[] =>
  limitedVolumes(pod, paths).map(({ name, limit }) => `${name} ${limit}`)
const cache: VolumeSpec = { name: 'cache', emptyDir: { sizeLimit: '1Mi' } }

describe('the volumes that are measured', () => {
  it('are emptyDirs of any medium with a limit, in the order of the spec', () => {
    const pod = mounting([
      { name: 'tmp', emptyDir: { medium: 'Memory', sizeLimit: '65536Ki' } },
      { name: 'free', emptyDir: {} },
      { name: 'zero', emptyDir: { sizeLimit: '0' } },
      { name: 'host', hostPath: { path: '/' } },
      cache,
    ])
    assert.deepEqual(limitsOf(pod), ['tmp 64Mi', 'cache 1Mi'])
    assert.partialDeepStrictEqual(limitedVolumes(pod, paths)[1], {
      path: `/var/lib/minikubelet/pods/${aPodUid}/volumes/kubernetes.io~empty-dir/cache`,
      limitBytes: 1024 * 1024,
    })
  })

  it('are none where no container mounts them: they are not there', () => {
    assert.deepEqual(limitsOf(mounting([cache], { spec: { containers: [aContainer()] } })), [])
  })
})

describe('a volume that holds more than it may', () => {
  const [volume] = limitedVolumes(mounting([cache]), paths)
  assert.ok(volume)

  it('has its Pod evicted in the words of the kubelet, without a condition', () => {
    assert.deepEqual(emptyDirVerdict(volume, 1024 * 1024 + 512), {
      kind: 'disrupted',
      reason: 'Evicted',
      message: 'Usage of EmptyDir volume "cache" exceeds the limit "1Mi". ',
      condition: undefined,
      signal: 'emptydirfs.limit',
    })
  })

  it('is none when it holds just that much', () => {
    assert.equal(emptyDirVerdict(volume, 1024 * 1024), undefined)
  })
})
