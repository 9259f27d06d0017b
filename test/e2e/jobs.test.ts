import assert from 'node:assert/strict'
import { before, describe, it } from 'node:test'
import type { ContainerSpec } from '../../src/model/kube.ts'
import { Opened } from '../support/opened.ts'
import { TestNode } from '../support/test-node.ts'
import { shell, staying, statusOf } from '../support/test-pod.ts'
import { changesOf, historyOf, template, untilObject, untilSchedulable, type Job } from './workloads.ts'

const opened = new Opened()
const node = await opened.open(TestNode.start())
const jobs = await opened.open(node.kubectl.watch<Job>(`/apis/batch/v1/namespaces/${node.name}/jobs`))

/** Creates a Job whose Pods have one container. */
async function createJob(
  name: string,
  main: ContainerSpec,
  restartPolicy: 'Never' | 'OnFailure',
  spec: object = {},
): Promise<void> {
  await node.kubectl.feed('create', {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name },
    spec: {
      ...spec,
      template: template(node, name, main, { restartPolicy, volumes: [{ name: 'data', emptyDir: {} }] }),
    },
  })
}

/** Waits until a Job has ended, one way or the other; returns it with that condition as `Complete` or `Failed: reason`. */
async function ended(name: string): Promise<{ readonly job: Job; readonly end: string }> {
  const conditionOf = ({ status }: Job) =>
    status?.conditions?.find(
      ({ type, status: holds }) => (type === 'Complete' || type === 'Failed') && holds === 'True',
    )
  const job = await untilObject(
    jobs,
    `Job "${name}" ended`,
    (seen) => seen.metadata?.name === name && conditionOf(seen) !== undefined,
  )
  const condition = conditionOf(job)
  return { job, end: condition?.type === 'Complete' ? 'Complete' : `Failed: ${condition?.reason}` }
}

/** The names of all Pods that a Job has ever had. */
function podNames(name: string): readonly string[] {
  return [...new Set(changesOf(node, name).map(({ pod }) => pod.metadata.name))]
}

/** Waits until so many Pods of a Job run. */
async function untilRunning(name: string, count: number): Promise<void> {
  await node.podChanges.until(`${count} running Pods of Job "${name}"`, () => {
    const running = (historyOf(node, name).at(-1) ?? []).filter(({ status }) => status?.phase === 'Running')
    return running.length === count ? running : undefined
  })
}

/** A container that fails when it is run for the first time with its volume. */
const failsOnce = shell('main', 'test -e /data/tried || { touch /data/tried; exit 1; }', {
  volumeMounts: [{ name: 'data', mountPath: '/data' }],
})

describe('A Job', { concurrency: 8 }, () => {
  before(() => untilSchedulable(node))

  it('has as many Pods at a time as it may, until enough of them have succeeded', async () => {
    await createJob('parallel', shell('main', 'sleep 1'), 'Never', { completions: 4, parallelism: 2 })
    const { job, end } = await ended('parallel')
    assert.deepEqual([end, job.status?.succeeded, job.status?.failed ?? 0], ['Complete', 4, 0])
    assert.equal(podNames('parallel').length, 4)
    const going = historyOf(node, 'parallel').map(
      (pods) => pods.filter(({ status }) => status?.phase === 'Pending' || status?.phase === 'Running').length,
    )
    assert.equal(Math.max(...going), 2)
  })

  it('fails when more of its Pods have failed than it puts up with', async () => {
    await createJob('fails', shell('main', 'exit 3'), 'Never', { backoffLimit: 1 })
    const { job, end } = await ended('fails')
    assert.deepEqual([end, job.status?.failed, job.status?.succeeded ?? 0], ['Failed: BackoffLimitExceeded', 2, 0])
    const pods = historyOf(node, 'fails').at(-1) ?? []
    assert.deepEqual(
      pods.map((pod) => [pod.status?.phase, statusOf(pod, 'main').state?.terminated?.exitCode]),
      [
        ['Failed', 3],
        ['Failed', 3],
      ],
    )
  })

  it('goes on with another Pod where the first has failed', async () => {
    // The second finds what the first has left in a folder of the node.
    const path = `${node.folder}/tries`
    await node.kubectl.feed('create', {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'again' },
      spec: {
        backoffLimit: 3,
        template: template(node, 'again', failsOnce, {
          restartPolicy: 'Never',
          volumes: [{ name: 'data', hostPath: { path, type: 'DirectoryOrCreate' } }],
        }),
      },
    })
    const { job, end } = await ended('again')
    assert.deepEqual([end, job.status?.failed, job.status?.succeeded], ['Complete', 1, 1])
  })

  it('under OnFailure succeeds with one Pod whose container was restarted', async () => {
    await createJob('restarts', failsOnce, 'OnFailure')
    const { job, end } = await ended('restarts')
    assert.deepEqual([end, job.status?.succeeded, job.status?.failed ?? 0], ['Complete', 1, 0])
    assert.equal(podNames('restarts').length, 1)
    const [pod] = historyOf(node, 'restarts').at(-1) ?? []
    assert.ok(pod !== undefined)
    assert.deepEqual([pod.status?.phase, statusOf(pod, 'main').restartCount], ['Succeeded', 1])
  })

  it('under OnFailure fails when a container was restarted more often than it puts up with; its Pod goes', async () => {
    await createJob('loops', shell('main', 'exit 1'), 'OnFailure', { backoffLimit: 1 })
    const { end } = await ended('loops')
    assert.equal(end, 'Failed: BackoffLimitExceeded')
    await Promise.all(podNames('loops').map((name) => node.untilGone(name)))
  })

  it('that takes too long is ended with its Pods', async () => {
    await createJob('late', staying('main'), 'Never')
    await untilRunning('late', 1)
    await node.kubectl.run('patch', 'job', 'late', '--patch={"spec":{"activeDeadlineSeconds":1}}')
    const { end } = await ended('late')
    assert.equal(end, 'Failed: DeadlineExceeded')
    const [name = ''] = podNames('late')
    const last = await node.untilGone(name)
    assert.deepEqual([last.status?.phase, statusOf(last, 'main').state?.terminated?.exitCode], ['Succeeded', 0])
  })

  it('that is deleted takes its Pods along', async () => {
    await createJob('deleted', staying('main'), 'Never', { parallelism: 2, completions: 2 })
    await untilRunning('deleted', 2)
    await node.kubectl.run('delete', 'job', 'deleted')
    await Promise.all(podNames('deleted').map((name) => node.untilGone(name)))
  })
})
