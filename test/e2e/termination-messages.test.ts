import assert from 'node:assert/strict'
import { after, describe, it } from 'node:test'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, podManifest, shell, statusOf } from '../support/test-pod.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())

/** Runs a Pod to its end, and returns what its status says of each container's message. */
async function messages(name: string, ...containers: readonly ContainerSpec[]): Promise<readonly string[]> {
  const manifest = podManifest(name, containers, { restartPolicy: 'Never' })
  const isOver = (pod: Parameters<ReturnType<typeof hasPhase>>[0]): boolean =>
    hasPhase('Failed')(pod) || hasPhase('Succeeded')(pod)
  const pod = await node.createUntil(manifest, 'over', isOver)
  return containers.map((container) => statusOf(pod, container.name).state?.terminated?.message ?? '')
}

function writes(name: string, bytes: number, change: Partial<ContainerSpec> = {}): ContainerSpec {
  const script = `head -c ${bytes - 4} /dev/zero | tr '\\0' a >/dev/termination-log; echo end. | head -c 4 >>/dev/termination-log`
  return shell(name, script, change)
}

const falls = { terminationMessagePolicy: 'FallbackToLogsOnError' } as const

describe('The termination message of a container', { concurrency: 8 }, () => {
  it('is what it wrote, wherever the file is', async () => {
    const elsewhere = shell('main', 'echo -n DONE >/tmp/last', { terminationMessagePath: '/tmp/last' })
    assert.deepEqual(await messages('elsewhere', elsewhere), ['DONE'])
  })

  it('is the last 4096 bytes of a longer file', async () => {
    const [message = ''] = await messages('long', writes('main', 10_000))
    assert.deepEqual([message.length, message.slice(-5)], [4096, 'aend.'])
  })

  it('shares 12 KiB with the others of its Pod', async () => {
    const names = ['one', 'two', 'three', 'four']
    const lengths = (await messages('many', ...names.map((name) => writes(name, 4096)))).map(({ length }) => length)
    assert.deepEqual(lengths, [3072, 3072, 3072, 3072])
  })

  it('is the end of the log of one that failed without a word, where the policy says so', async () => {
    const script = 'for i in $(seq 200); do echo line $i; done; exit 1'
    const [message = ''] = await messages('from-log', shell('main', script, falls))
    assert.ok(message.endsWith('line 199\nline 200\n') && message.startsWith('line 121\n'), message)
  })

  it('is no more than 2048 bytes of that log', async () => {
    const script = "head -c 10000 /dev/zero | tr '\\0' a; echo end; exit 1"
    const [message = ''] = await messages('from-long-log', shell('main', script, falls))
    assert.deepEqual([message.length, message.slice(-5)], [2048, 'aend\n'])
  })

  it('is not taken from the log of one that succeeded, or that wrote a message', async () => {
    const succeeds = shell('succeeds', 'echo in the log', falls)
    const writesOne = shell('writes', 'echo in the log; echo -n DONE >/dev/termination-log; exit 1', falls)
    assert.deepEqual(await messages('not-from-log', succeeds, writesOne), ['', 'DONE'])
  })

  it('says why the container could not be started', async () => {
    const main = { ...shell('main', ''), command: ['/no/such/command'] }
    const [message = ''] = await messages('unstartable', main)
    assert.match(message, /no such file or directory/u)
  })

  it('is in the last status of a Pod that is deleted', async () => {
    const script = "trap 'echo -n goodbye >/dev/termination-log; exit 3' TERM; sleep 86400 & wait"
    await node.createUntil(podManifest('deleted', [shell('main', script)]), 'running', hasPhase('Running'))
    await node.kubectl.run('delete', 'pod', 'deleted')
    const { exitCode, reason, message, startedAt, finishedAt } =
      statusOf(await node.untilGone('deleted'), 'main').state?.terminated ?? {}
    assert.deepEqual([exitCode, reason, message], [3, 'Error', 'goodbye'])
    assert.ok(Date.parse(startedAt ?? '') <= Date.parse(finishedAt ?? ''))
  })
})
