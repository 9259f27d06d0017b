/**
 * Mounts that are read-only together with what is mounted beneath them, which Docker can do from API 1.44 on (Docker 25):
 * static Pods, for an API server before 1.30 drops the field.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, Pod, VolumeMountSpec } from '../../src/model/kube.ts'
import { dockerApi } from '../support/docker-api.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { findStatus, podManifest, shell, staying, type PodManifest } from '../support/test-pod.ts'

const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())
const canBeRecursive = (await dockerApi()) >= 44

const volumes = [{ name: 'mnt', emptyDir: {} }]

function mounting(name: string, script: string): ContainerSpec {
  return shell(name, script, {
    securityContext: { privileged: true },
    volumeMounts: [{ name: 'mnt', mountPath: '/mnt', mountPropagation: 'Bidirectional' }],
  })
}

/** Mounts beneath, tries what can be written, and takes the mount away again. */
function trying(
  name: string,
  asked: readonly (readonly [string, Partial<VolumeMountSpec>])[],
  script: string,
): PodManifest {
  return podManifest(name, [shell('main', 'echo OK')], {
    restartPolicy: 'Never',
    initContainers: [
      mounting('mount', 'mkdir -p /mnt/tmpfs && mount -t tmpfs none /mnt/tmpfs'),
      shell('try', script, {
        volumeMounts: asked.map(([path, change]) => ({ name: 'mnt', mountPath: `/mnt-${path}`, ...change })),
      }),
      mounting('unmount', 'umount /mnt/tmpfs'),
    ],
    volumes,
  })
}

/** What the status says of each mount. */
function told(pod: Pod | undefined): readonly (readonly [string, string | undefined])[] {
  const mounts = pod?.status?.initContainerStatuses?.[1]?.volumeMounts ?? []
  return mounts.map(({ mountPath, recursiveReadOnly }) => [mountPath, recursiveReadOnly])
}

const asked: readonly (readonly [string, Partial<VolumeMountSpec>])[] = [
  ['rro-if-possible', { readOnly: true, recursiveReadOnly: 'IfPossible' }],
  ['rro-disabled', { readOnly: true, recursiveReadOnly: 'Disabled' }],
  ['ro', { readOnly: true }],
  ['rw', {}],
]
const plain = asked.slice(1).map(([path]) => path)

if (canBeRecursive) {
  describe('Recursively read-only mounts, where Docker has them', () => {
    it('are read-only with what is mounted beneath them, and others without', async () => {
      const all = [...asked, ['rro', { readOnly: true, recursiveReadOnly: 'Enabled' }] as const]
      const writable = `for name in ${plain.join(' ')}; do touch /mnt-$name/tmpfs/foo || exit 1; done; ! touch /mnt-ro/foo`
      const others = '! touch /mnt-rro/tmpfs/foo && ! touch /mnt-rro-if-possible/tmpfs/foo && ! touch /mnt-rro/foo'
      await node.write('beneath.json', trying('beneath', all, `${writable} && ${others}`))
      const pod = await node.until('beneath', 'over', (found) => found?.status?.phase === 'Succeeded')
      assert.deepEqual(told(pod), [
        ['/mnt-rro-if-possible', 'Enabled'],
        ['/mnt-rro-disabled', 'Disabled'],
        ['/mnt-ro', 'Disabled'],
        ['/mnt-rw', undefined],
        ['/mnt-rro', 'Enabled'],
      ])
    })
  })
} else {
  describe('Recursively read-only mounts, where Docker has none', () => {
    it('are read-only without what is mounted beneath them, if that will do', async () => {
      const names = asked.map(([path]) => path).join(' ')
      const script = `for name in ${names}; do touch /mnt-$name/tmpfs/foo || exit 1; done; ! touch /mnt-ro/foo`
      await node.write('if-possible.json', trying('if-possible', asked, script))
      const pod = await node.until('if-possible', 'over', (found) => found?.status?.phase === 'Succeeded')
      assert.deepEqual(told(pod), [
        ['/mnt-rro-if-possible', 'Disabled'],
        ['/mnt-rro-disabled', 'Disabled'],
        ['/mnt-ro', 'Disabled'],
        ['/mnt-rw', undefined],
      ])
    })

    it('hold up a container that must have them', async () => {
      const main = staying('main', {
        volumeMounts: [{ name: 'mnt', mountPath: '/mnt', readOnly: true, recursiveReadOnly: 'Enabled' }],
      })
      await node.write('enabled.json', podManifest('enabled', [main], { volumes }))
      const pod = await node.until('enabled', 'refused', (found) => {
        return found !== undefined && findStatus(found, 'main')?.state?.waiting?.reason === 'CreateContainerConfigError'
      })
      assert.equal(
        pod && findStatus(pod, 'main')?.state?.waiting?.message,
        'failed to resolve recursive read-only mode: volume "mnt" requested recursive read-only mode, but it is not supported by the runtime',
      )
    })
  })
}
