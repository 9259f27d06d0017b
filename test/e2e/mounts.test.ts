import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it, type TestContext } from 'node:test'
import type { ContainerSpec, Pod } from '../../src/model/kube.ts'
import { run } from '../support/command.ts'
import { unmountAll } from '../support/mounts.ts'
import { TestNode } from '../support/test-node.ts'
import { findStatus, hasPhase, isReady, podManifest, shell } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const privileged: Partial<ContainerSpec> = { securityContext: { privileged: true } }

/** A folder of the host's of which mounts propagate, as on a host that systemd has started. */
async function sharedFolder(test: TestContext): Promise<string> {
  const folder = join(node.folder, 'shared')
  await mkdir(folder)
  test.after(() => unmountAll(folder))
  await run('mount', '--bind', folder, folder)
  await run('mount', '--make-shared', folder)
  return folder
}

/** Which of these files a container finds something in. */
async function seen(pod: Pod, names: readonly string[]): Promise<readonly string[]> {
  const script = `for name in ${names.join(' ')}; do cat /mnt/test/$name/file 2>/dev/null; done; true`
  return (await node.exec(pod, 'main', 'sh', '-c', script)).split('\n')
}

describe('Mount propagation', () => {
  it('shows what is mounted on the host, and in a container that shares it, to whoever asks for that', async (test) => {
    const path = await sharedFolder(test)
    const propagations = { master: 'Bidirectional', slave: 'HostToContainer', private: 'None', default: undefined }
    const pods = new Map<string, Pod>()
    for (const [name, mountPropagation] of Object.entries(propagations)) {
      const mount = { name: 'host', mountPath: '/mnt/test', ...(mountPropagation && { mountPropagation }) }
      const script = `mkdir -p /mnt/test/${name}; trap 'umount /mnt/test/${name}; exit 0' TERM; sleep 86400 & wait`
      const main = shell('main', script, { ...privileged, volumeMounts: [mount] })
      const volumes = [{ name: 'host', hostPath: { path } }]
      pods.set(name, await node.createUntil(podManifest(name, [main], { volumes }), 'ready', isReady))
    }
    for (const [name, pod] of pods) {
      const at = `/mnt/test/${name}`
      await node.exec(pod, 'main', 'sh', '-c', `mount -t tmpfs none ${at} && echo ${name} >${at}/file`)
    }
    await mkdir(join(path, 'host'))
    await run('mount', '-t', 'tmpfs', 'none', join(path, 'host'))
    await writeFile(join(path, 'host/file'), 'host\n')

    const names = [...pods.keys(), 'host']
    const views = await Promise.all([...pods].map(async ([name, pod]) => [name, await seen(pod, names)] as const))
    assert.deepEqual(Object.fromEntries(views), {
      master: ['master', 'host'],
      slave: ['master', 'slave', 'host'],
      private: ['private'],
      default: ['default'],
    })
    assert.equal(await run('cat', join(path, 'master/file')), 'master')
    for (const name of ['slave', 'private', 'default']) await assert.rejects(run('cat', join(path, name, 'file')))
    await node.kubectl.run('delete', 'pod', ...pods.keys())
  })
})

describe('Mounts over files that the agent manages', () => {
  it('take their place', async () => {
    const main = shell('main', 'cat /etc/hosts /etc/resolv.conf; echo said >/dev/own-log', {
      terminationMessagePath: 'dev/own-log',
      volumeMounts: [
        { name: 'data', mountPath: '/etc/hosts', subPath: 'hosts' },
        { name: 'data', mountPath: '/etc/resolv.conf', subPath: 'resolver' },
      ],
    })
    const prepare = shell('prepare', 'cd /data; echo of the volume >hosts; echo of it too >resolver', {
      volumeMounts: [{ name: 'data', mountPath: 'data' }],
    })
    const manifest = podManifest('over', [main], {
      restartPolicy: 'Never',
      initContainers: [prepare],
      volumes: [{ name: 'data', emptyDir: {} }],
    })
    const pod = await node.createUntil(manifest, 'over', hasPhase('Succeeded'))
    assert.equal(await node.logs(pod, 'main'), 'of the volume\nof it too')
    assert.equal(findStatus(pod, 'main')?.state?.terminated?.message, 'said\n')
  })
})
