import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { dockerId, hasPhase, isReady, podManifest, shell, staying, statusOf } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

const podLogs = join(node.folder, 'pod-logs')
const containerLogs = join(node.folder, 'container-logs')

function folderOf({ metadata }: Pod): string {
  return join(podLogs, `${metadata.namespace}_${metadata.name}_${metadata.uid}`)
}

function linkByNames({ metadata }: Pod, container: string, id: string): string {
  return join(containerLogs, `${metadata.name}_${metadata.namespace}_${container}-${id}.log`)
}

/** The links by names that some container of a Pod has. */
async function linksByNames({ metadata }: Pod): Promise<readonly string[]> {
  return (await readdir(containerLogs)).filter((name) => name.startsWith(`${metadata.name}_`))
}

/** What a log collector reads in a file, line by line. */
async function lines(path: string): Promise<readonly unknown[]> {
  const text = await readFile(path, 'utf8')
  return text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line))
}

describe('A log collector', { concurrency: 4 }, () => {
  it('finds what each instance of a container has written, by Pod and number and by all names', async () => {
    const script = 'echo out; echo err >&2; [ -e /seen/one ] || { touch /seen/one; exit 1; }'
    const volumeMounts = [{ name: 'seen', mountPath: '/seen' }]
    const pod = await node.createUntil(
      podManifest('written', [shell('main', script, { volumeMounts })], {
        restartPolicy: 'OnFailure',
        volumes: [{ name: 'seen', emptyDir: {} }],
      }),
      'over',
      hasPhase('Succeeded'),
    )
    const ids = [statusOf(pod, 'main').lastState?.terminated, statusOf(pod, 'main').state?.terminated].map((end) =>
      (end?.containerID ?? '').replace('docker://', ''),
    )
    for (const [attempt, id] of ids.entries()) {
      for (const path of [join(folderOf(pod), `main/${attempt}.log`), linkByNames(pod, 'main', id)]) {
        const written = await lines(path)
        assert.equal(written.length, 2)
        assert.partialDeepStrictEqual(written.toSorted(byText), [
          { log: 'err\n', stream: 'stderr' },
          { log: 'out\n', stream: 'stdout' },
        ])
      }
    }
    await node.kubectl.run('delete', 'pod', 'written', '--wait=false')
    // The object of a Pod that is over goes at once.
    await node.agent.logged('pod-removed', 'written')
    await assert.rejects(readdir(folderOf(pod)), { code: 'ENOENT' })
    assert.deepEqual(await linksByNames(pod), [])
  })

  it('can be a Pod that has the files of others mounted', async () => {
    const written = await node.createUntil(
      podManifest('said', [shell('main', 'echo said')], { restartPolicy: 'Never' }),
      'over',
      hasPhase('Succeeded'),
    )
    const paths = [join(folderOf(written), 'main/0.log'), linkByNames(written, 'main', dockerId(written, 'main'))]
    const check = podManifest(
      'checks',
      [
        shell('main', paths.map((path) => `grep said ${path}`).join(' && '), {
          volumeMounts: paths.map((path, index) => ({ name: `log-${index}`, mountPath: path, readOnly: true })),
        }),
      ],
      {
        restartPolicy: 'Never',
        volumes: paths.map((path, index) => ({ name: `log-${index}`, hostPath: { path, type: 'FileOrCreate' } })),
      },
    )
    await node.createUntil(check, 'over', hasPhase('Succeeded'))
  })

  it('finds the next instance under the next number when somebody has removed one from Docker', async () => {
    const pod = await node.createUntil(podManifest('removed', [staying('main')]), 'ready', isReady)
    await docker('rm', '--force', dockerId(pod, 'main'))
    const again = await node.until(
      'removed',
      'ready again',
      (seen) => isReady(seen) && statusOf(seen, 'main').restartCount === 1,
    )
    await node.kubectl.run('delete', 'pod', 'removed', '--wait=false')
    const { metadata } = await node.untilGone('removed')
    assert.equal(metadata.uid, again.metadata.uid)
    assert.deepEqual(await linksByNames(pod), [])
    await assert.rejects(readdir(folderOf(pod)), { code: 'ENOENT' })
  })
})

describe('An agent that is killed', () => {
  it('leaves links behind, which go with the Pods that are gone when the next one comes', async () => {
    const gone = await node.createUntil(podManifest('goes', [staying('main')]), 'ready', isReady)
    const stays = await node.createUntil(podManifest('stays', [staying('main')]), 'ready', isReady)
    await node.agent.kill()
    await node.kubectl.run('delete', 'pod', 'goes', '--force', '--grace-period=0')
    await node.untilGone('goes')
    await docker('rm', '--force', dockerId(gone, 'main'))
    assert.deepEqual(await readdir(join(folderOf(gone), 'main')), ['0.log'])
    const agent = node.restartAgent()
    await agent.logged('pod-removed', 'goes')
    await assert.rejects(readdir(folderOf(gone)), { code: 'ENOENT' })
    assert.deepEqual(await linksByNames(gone), [])
    assert.equal((await linksByNames(stays)).length, 1)
  })
})

function byText(one: unknown, other: unknown): number {
  return JSON.stringify(one).localeCompare(JSON.stringify(other))
}
