/**
 * What a Pod asks for in fields that came with newer releases, through API servers that keep them: other servers drop them,
 * so these tests are there only where the server is new enough. Files show the same on any
 * (restart-rules.test.ts and others).
 */
import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { after, describe, it } from 'node:test'
import type { ContainerSpec, ContainerStatus, KubeNode, Pod } from '../../src/model/kube.ts'
import { docker } from '../support/command.ts'
import { TestNode } from '../support/test-node.ts'
import { hasPhase, isReady, podManifest, shell, staying } from '../support/test-pod.ts'
import { onlyOn } from './examples.ts'
import { template, untilObject, untilSchedulable, type Job } from './workloads.ts'

const node = await TestNode.start()
after(() => node[Symbol.asyncDispose]())
const minor = await node.kubectl.serverMinor()

const sidecar = (name: string, script?: string): ContainerSpec => ({
  ...(script === undefined ? staying(name) : shell(name, script)),
  restartPolicy: 'Always',
})

function statuses(pod: Pod): readonly ContainerStatus[] {
  return [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])]
}

/** A server refuses a status that goes back on what it was told, and the agent would tell so. */
function assertNoneRefused(name: string): void {
  const refusals = node.agent.log.items.filter(
    (line) => line.level !== 'debug' && JSON.stringify(line).includes('refused'),
  )
  assert.deepEqual(
    refusals.filter(({ pod }) => pod === `${node.name}/${name}`),
    [],
  )
}

describe(`A server of Kubernetes 1.${minor}`, () => {
  it('is told that the agent is of a release that has them all', async () => {
    await node.createUntil(podManifest('any', [staying('main')]), 'ready', isReady)
    const { status } = await node.kubectl.get<KubeNode>('node', node.name)
    assert.match(status?.nodeInfo?.kubeletVersion ?? '', /^v1\.36\./u)
  })
})

if (minor >= 25) {
  describe('kubectl debug, on a server with ephemeral containers (1.25 and later)', () => {
    it('looks at the processes of a container of the Pod, with the capability that it wants for that', async () => {
      await node.createUntil(podManifest('debugged', [staying('main')]), 'ready', isReady)
      const image = ['--image=busybox:1.36', '--image-pull-policy=IfNotPresent']
      await node.kubectl.run(
        'debug',
        'debugged',
        ...image,
        '--container=debug',
        '--target=main',
        '--profile=general',
        '--',
        'sleep',
        '86400',
      )
      const pod = await node.until(
        'debugged',
        'debugged',
        ({ status }) => status?.ephemeralContainerStatuses?.some(({ state }) => state?.running !== undefined) === true,
      )
      const id = pod.status?.ephemeralContainerStatuses?.[0]?.containerID?.replace('docker://', '') ?? ''
      const main = await node.exec(pod, 'main', 'cat', '/proc/1/cmdline')
      const [capabilities = ''] = (await docker('exec', id, 'grep', 'CapEff', '/proc/self/status')).split('\n')
      const ptrace = 1n << 19n
      assert.equal(BigInt(`0x${capabilities.replace(/^CapEff:\s*/u, '')}`) & ptrace, ptrace)
      assert.equal(await docker('exec', id, 'cat', '/proc/1/cmdline'), main)
    })
  })
}

if (minor >= 29) {
  describe('A sidecar, on a server that keeps its restart policy (1.29 and later)', { concurrency: 4 }, () => {
    it('counts as a container of the Pod, and ends when the others have', async () => {
      const main = shell('main', 'sleep 2')
      const change = { initContainers: [sidecar('proxy')], restartPolicy: 'Never' as const }
      await node.createUntil(podManifest('finishing', [main], change), 'ready', isReady)
      assert.match(await node.kubectl.run('get', 'pod', 'finishing', '--no-headers'), /^finishing +2\/2 +Running +0 /u)
      const over = await node.until(
        'finishing',
        'over, its sidecar too',
        (pod) => hasPhase('Succeeded')(pod) && statuses(pod).every(({ state }) => state?.terminated !== undefined),
      )
      assert.deepEqual(
        statuses(over).map(({ name, ready, state }) => [name, ready, state?.terminated?.reason]),
        [
          ['proxy', false, 'Completed'],
          ['main', false, 'Completed'],
        ],
      )
      assertNoneRefused('finishing')
    })

    it('is started again whatever the Pod says of restarts', async () => {
      const initContainers = [sidecar('proxy', 'sleep 1; exit 3')]
      const manifest = podManifest('restarting', [staying('main')], { initContainers, restartPolicy: 'Never' })
      const pod = await node.createUntil(
        manifest,
        'restarted',
        (seen) => seen.status?.initContainerStatuses?.some(({ restartCount }) => restartCount > 1) === true,
      )
      assert.equal(pod.status?.phase, 'Running')
      assertNoneRefused('restarting')
    })

    it('ends after the others, the last first, when its Pod is deleted', async () => {
      const volumeMounts = [{ name: 'told', mountPath: '/told' }]
      const volumes = [{ name: 'told', hostPath: { path: node.folder } }]
      const noting = (name: string): ContainerSpec =>
        shell(name, `trap 'sleep 1; echo ${name} >>/told/order; exit 0' TERM; sleep 86400 & wait`, { volumeMounts })
      const initContainers = ['first', 'second'].map((name): ContainerSpec => ({
        ...noting(name),
        restartPolicy: 'Always',
      }))
      const manifest = podManifest('ending', [noting('main')], {
        initContainers,
        volumes,
        terminationGracePeriodSeconds: 30,
      })
      await node.createUntil(manifest, 'ready', isReady)
      await node.kubectl.run('delete', 'pod', 'ending', '--wait=false')
      const last = await node.untilGone('ending')
      assert.equal(await readFile(join(node.folder, 'order'), 'utf8'), 'main\nsecond\nfirst\n')
      assert.deepEqual(
        statuses(last).map(({ state }) => state?.terminated?.exitCode),
        [0, 0, 0],
      )
      assertNoneRefused('ending')
    })

    it('does not keep a Job from being complete', async () => {
      using jobs = node.kubectl.watch<Job>(`/apis/batch/v1/namespaces/${node.name}/jobs`)
      await untilSchedulable(node)
      const change = { initContainers: [sidecar('proxy')], restartPolicy: 'Never' as const }
      const spec = { template: template(node, 'with-sidecar', shell('main', 'exit 0'), change) }
      await node.kubectl.feed('create', {
        apiVersion: 'batch/v1',
        kind: 'Job',
        metadata: { name: 'with-sidecar' },
        spec,
      })
      const job = await untilObject(
        jobs,
        'Job "with-sidecar" complete',
        ({ status }) =>
          status?.conditions?.some(({ type, status: holds }) => type === 'Complete' && holds === 'True') === true,
      )
      assert.equal(job.status?.succeeded, 1)
    })
  })
}

if (minor >= 35) {
  const rule = (action: string): NonNullable<ContainerSpec['restartPolicyRules']> => [
    { action, exitCodes: { operator: 'In', values: [42] } },
  ]
  const volumeMounts = [{ name: 'work', mountPath: '/shared' }]
  const volumes = [{ name: 'work', emptyDir: {} }]
  /** Ends with 42 once, then stays. */
  const onceMore = (action: string): ContainerSpec =>
    shell('main', 'if [ -e /shared/been ]; then exec sleep 86400; else touch /shared/been; sleep 1; exit 42; fi', {
      volumeMounts,
      restartPolicy: 'Never',
      restartPolicyRules: rule(action),
    })

  describe('A restart rule, on a server that keeps it (1.35 and later)', { concurrency: 4 }, () => {
    it('starts its container again in a Pod that never restarts', async () => {
      const manifest = podManifest('rule', [onceMore('Restart'), staying('other')], { volumes, restartPolicy: 'Never' })
      const pod = await node.createUntil(
        manifest,
        'restarted',
        (seen) => isReady(seen) && statuses(seen).some(({ restartCount }) => restartCount === 1),
      )
      assert.deepEqual(
        statuses(pod).map(({ name, restartCount }) => [name, restartCount]),
        [
          ['main', 1],
          ['other', 0],
        ],
      )
      assertNoneRefused('rule')
    })

    it('lets the Pod fail where no rule fits', async () => {
      const main = shell('main', 'exit 7', { restartPolicy: 'Never', restartPolicyRules: rule('Restart') })
      const pod = await node.createUntil(podManifest('no-rule', [main]), 'over', hasPhase('Failed'))
      assert.equal(statuses(pod)[0]?.restartCount, 0)
    })
  })

  describe('A restart of all containers, on a server and a scheduler that know it (1.36 and later)', () => {
    it('is scheduled to a node that declares it, and restarts each once, init containers too', async () => {
      await untilSchedulable(node)
      const { status } = await node.kubectl.get<KubeNode>('node', node.name)
      assert.ok(status?.declaredFeatures?.includes('RestartAllContainersOnContainerExits'))
      const initContainers = [shell('setup', 'exit 0'), sidecar('proxy')]
      const containers = [onceMore('RestartAllContainers'), staying('other')]
      const scheduled = { nodeName: '', ...onlyOn(node.name) }
      const change = { ...scheduled, initContainers, volumes, restartPolicy: 'Never' as const }
      const manifest = podManifest('all', containers, change)
      const pod = await node.createUntil(
        manifest,
        'ready again, all restarted',
        (seen) => isReady(seen) && statuses(seen).every(({ restartCount }) => restartCount === 1),
      )
      assert.ok(statuses(pod).every(({ lastState }) => lastState?.terminated !== undefined))
      const conditions = node
        .versions('all')
        .map((seen) => seen.status?.conditions?.find(({ type }) => type === 'AllContainersRestarting')?.status)
      assert.ok(conditions.includes('True') && conditions.at(-1) === 'False')
      assertNoneRefused('all')
    })
  })
}
