/** emptyDirs of memory and of huge pages, as containers see them. */
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ContainerSpec, KubeNode, PodSpec, VolumeSpec } from '../../src/model/kube.ts'
import { setHugePagesAside } from '../support/kernel.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying, untilTold, type PodManifest } from '../support/test-pod.ts'

const twoPages = { 'hugepages-2Mi': '4Mi', memory: '32Mi', cpu: '10m' }
const volumeMounts = [{ name: 'dir', mountPath: '/dir' }]

function withDir(
  name: string,
  emptyDir: NonNullable<VolumeSpec['emptyDir']>,
  container: Partial<ContainerSpec> = {},
  spec: Partial<PodSpec> = {},
): PodManifest {
  return podManifest(name, [staying('main', { volumeMounts, ...container })], {
    volumes: [{ name: 'dir', emptyDir }],
    ...spec,
  })
}

await test('emptyDirs', { concurrency: 8 }, async (suite) => {
  // The sizes that a node has are looked at when its agent starts.
  using _aside = setHugePagesAside(4)
  await using node = await TestNode.start()
  const inside = async (manifest: PodManifest, ...command: readonly string[]): Promise<string> =>
    node.exec(await node.createUntil(manifest, 'ready', isReady), 'main', ...command)

  await Promise.all([
    suite.test('of memory are as large as their limit, and full then', async () => {
      const fill = shell('main', 'dd if=/dev/zero of=/dir/f bs=1024 count=2000 2>&1; ls -l /dir/f', { volumeMounts })
      const manifest = podManifest('limit', [fill], {
        restartPolicy: 'Never',
        volumes: [{ name: 'dir', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } }],
      })
      const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
      assert.match(await node.logs(pod, 'main'), /No space left on device\n.* 1048576 .* \/dir\/f$/su)
    }),

    suite.test('of memory are as large as what their Pod may have, or its node', async () => {
      const resources = { limits: { memory: '48Mi', cpu: '1' } }
      const ofPod = await inside(withDir('of-pod', { medium: 'Memory' }, { resources }), 'df', '-k', '/dir')
      assert.match(ofPod, /^tmpfs\s+49152 /mu)
      const allocatable = (await node.kubectl.get<KubeNode>('node', node.name)).status?.allocatable?.['memory']
      const ofNode = await inside(withDir('of-node', { medium: 'Memory' }), 'df', '-k', '/dir')
      assert.match(ofNode, new RegExp(`^tmpfs\\s+${Number.parseInt(allocatable ?? '', 10)} `, 'mu'))
    }),

    suite.test('of memory are everybody’s, or their group’s', async () => {
      const listing = ['stat', '-c', '%a %g', '/dir']
      assert.equal(await inside(withDir('everybody', { medium: 'Memory' }), ...listing), '1777 0')
      const grouped = withDir(
        'grouped',
        { medium: 'Memory' },
        {},
        { securityContext: { fsGroup: 1234, runAsUser: 1000 } },
      )
      assert.equal(await inside(grouped, ...listing), '3777 1234')
    }),

    suite.test('of memory keep their content while containers come and go, and show it in all of them', async () => {
      const writer = shell('writer', `echo handed >/dir/over; ${untilTold}`, { volumeMounts })
      const again = shell(
        'main',
        'until [ -e /dir/over ]; do sleep 0.1; done; echo x >>/dir/runs; test $(wc -l </dir/runs) = 2',
        {
          volumeMounts,
        },
      )
      const manifest = podManifest('shared', [again, writer], {
        restartPolicy: 'OnFailure',
        volumes: [{ name: 'dir', emptyDir: { medium: 'Memory' } }],
      })
      await node.createUntil(manifest, 'done', ({ status }) =>
        Boolean(
          status?.containerStatuses?.some(
            ({ name, restartCount, state }) =>
              name === 'main' && restartCount === 1 && state?.terminated?.exitCode === 0,
          ),
        ),
      )
    }),

    suite.test('of huge pages have pages of the size that their Pod asks for', async () => {
      for (const [name, medium] of [
        ['huge', 'HugePages'],
        ['huge-2mi', 'HugePages-2Mi'],
      ] as const) {
        const manifest = withDir(name, { medium }, { resources: { limits: twoPages } })
        assert.match(await inside(manifest, 'cat', '/proc/mounts'), /^nodev \/dir hugetlbfs rw,.*pagesize=2M/mu)
        await node.kubectl.run('delete', 'pod', name)
      }
    }),

    suite.test('of huge pages that nobody asks for can’t be, which is told in the kubelet’s words', async () => {
      await node.create(withDir('no-pages', { medium: 'HugePages' }))
      const why = 'medium HugePages: hugePages storage requested, but there is no resource request for huge pages'
      const { message } = await node.untilEvent('no-pages', 'FailedMount')
      assert.equal(message, `MountVolume.SetUp failed for volume "dir" : ${why}`)
    }),
  ])
})
