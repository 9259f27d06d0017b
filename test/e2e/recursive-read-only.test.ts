/**
 * Mounts that are read-only together with what is mounted beneath them, which the test bed's Docker cannot do: static Pods,
 * for an API server before 1.30 drops the field.
 */
import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, VolumeMountSpec } from '../../src/model/kube.ts'
import { StandaloneNode } from '../support/standalone-node.ts'
import { findStatus, podManifest, shell, staying } from '../support/test-pod.ts'

const node = await StandaloneNode.start()
after(() => node[Symbol.asyncDispose]())

const volumes = [{ name: 'mnt', emptyDir: {} }]

function mounting(name: string, script: string): ContainerSpec {
  return shell(name, script, {
    securityContext: { privileged: true },
    volumeMounts: [{ name: 'mnt', mountPath: '/mnt', mountPropagation: 'Bidirectional' }],
  })
}

describe('Recursively read-only mounts, where the runtime has none', () => {
  it('are read-only without what is mounted beneath them, if that will do', async () => {
    const asked: readonly (readonly [string, Partial<VolumeMountSpec>])[] = [
      ['rro-if-possible', { readOnly: true, recursiveReadOnly: 'IfPossible' }],
      ['rro-disabled', { readOnly: true, recursiveReadOnly: 'Disabled' }],
      ['ro', { readOnly: true }],
      ['rw', {}],
    ]
    const names = asked.map(([name]) => name).join(' ')
    const manifest = podManifest('if-possible', [shell('main', 'echo OK')], {
      restartPolicy: 'Never',
      initContainers: [
        mounting('mount', 'mkdir -p /mnt/tmpfs && mount -t tmpfs none /mnt/tmpfs'),
        shell('try', `for name in ${names}; do touch /mnt-$name/tmpfs/foo || exit 1; done; ! touch /mnt-ro/foo`, {
          volumeMounts: asked.map(([name, change]) => ({ name: 'mnt', mountPath: `/mnt-${name}`, ...change })),
        }),
        mounting('unmount', 'umount /mnt/tmpfs'),
      ],
      volumes,
    })
    await node.write('if-possible.json', manifest)
    const pod = await node.until('if-possible', 'over', (found) => found?.status?.phase === 'Succeeded')
    const told = pod?.status?.initContainerStatuses?.[1]?.volumeMounts ?? []
    assert.deepEqual(
      told.map(({ mountPath, recursiveReadOnly }) => [mountPath, recursiveReadOnly]),
      [
        ['/mnt-rro-if-possible', 'Disabled'],
        ['/mnt-rro-disabled', 'Disabled'],
        ['/mnt-ro', 'Disabled'],
        ['/mnt-rw', undefined],
      ],
    )
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
