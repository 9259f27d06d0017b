import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ContainerSpec } from '../../../src/model/kube.ts'
import type { ObservedContainer } from '../../../src/model/observed.ts'
import type { RestartPolicy } from '../../../src/model/pod.ts'
import type { ProbeVerdicts } from '../../../src/model/probe.ts'
import type { PodFacts, PostStart } from '../../../src/plan/pod-facts.ts'
import { decideContainer, vanishedForGood, type ContainerDecision } from '../../../src/plan/restart-decision.ts'
import { aKill, podFacts } from '../../builders/facts.ts'
import { anObservedContainer, created, exited } from '../../builders/observed.ts'
import { aContainer, aPod, containersNamed } from '../../builders/pod.ts'

const policies: readonly RestartPolicy[] = ['Always', 'OnFailure', 'Never']
const done: ContainerDecision = { kind: 'done' }
const keep: ContainerDecision = { kind: 'keep' }
const first: ContainerDecision = { kind: 'create', attempt: 0, previous: undefined }

const fine = anObservedContainer({ attempt: 4 })
const outdated = { ...fine, hash: 'older' }
const unstarted = { ...fine, state: created }
const succeeded = { ...fine, state: exited() }
const failed = { ...fine, state: exited({ exitCode: 1 }) }
const cannotRun = { ...fine, state: exited({ exitCode: 127, cannotRun: true }) }
const again = (previous: ObservedContainer): ContainerDecision => ({ kind: 'create', attempt: 5, previous })
const kill: ContainerDecision = {
  kind: 'kill',
  instance: outdated,
  graceSeconds: 30,
  message: 'Container main definition changed, will be restarted',
  thenRestart: true,
  reason: 'its definition changed',
}

describe('decideContainer', () => {
  /** The decisions under Always, OnFailure and Never. */
  type Decisions = readonly [ContainerDecision, ContainerDecision, ContainerDecision]
  const all = (decision: ContainerDecision): Decisions => [decision, decision, decision]
  const cases: readonly (readonly [title: string, newest: ObservedContainer | undefined, decisions: Decisions])[] = [
    ['of which there is none', undefined, all(first)],
    ['that runs', fine, all(keep)],
    ['that runs with an older definition', outdated, all(kill)],
    ['that is created', unstarted, all({ kind: 'start', instance: unstarted })],
    ['that succeeded', succeeded, [again(succeeded), done, done]],
    ['that failed', failed, [again(failed), again(failed), done]],
    ['that could not run', cannotRun, [again(cannotRun), again(cannotRun), done]],
    [
      'that ended with an older definition',
      { ...succeeded, hash: 'older' },
      [again({ ...succeeded, hash: 'older' }), done, done],
    ],
  ]
  for (const [title, newest, decisions] of cases) {
    for (const [index, restartPolicy] of policies.entries()) {
      it(`says ${decisions[index]?.kind} under ${restartPolicy} to a container ${title}`, () => {
        const pod = aPod({ spec: { restartPolicy } })
        assert.deepEqual(decideContainer(pod, aContainer(), newest, podFacts()), decisions[index])
      })
    }
  }

  it('goes on with an end that has begun, although nothing would begin it any more', () => {
    const order = { graceSeconds: 7, message: 'Container main failed liveness probe', thenRestart: true, reason: 'x' }
    const kill = aKill({ order })
    const facts = podFacts({ kills: new Map([[fine.id, kill]]) })
    assert.deepEqual(decideContainer(aPod(), aContainer(), fine, facts), { kind: 'kill', instance: fine, ...order })
  })

  const failedHook: ContainerDecision = {
    kind: 'kill',
    instance: fine,
    graceSeconds: 30,
    message: 'FailedPostStartHook',
    thenRestart: false,
    reason: 'its postStart hook failed',
  }
  const hooks: readonly (readonly [kind: PostStart['kind'], title: string, decision: ContainerDecision])[] = [
    ['running', 'waits for a container whose postStart hook runs', { kind: 'starting' }],
    ['failed', 'kills a container whose postStart hook failed', failedHook],
  ]
  for (const [kind, title, decision] of hooks) {
    it(title, () => {
      const facts = podFacts({ postStarts: new Map([[fine.id, { containerName: 'main', kind }]]) })
      assert.deepEqual(decideContainer(aPod(), aContainer(), fine, facts), decision)
    })

    it(`${title}, unless its definition changed meanwhile`, () => {
      const facts = podFacts({ postStarts: new Map([[outdated.id, { containerName: 'main', kind }]]) })
      assert.deepEqual(decideContainer(aPod(), aContainer(), outdated, facts), kill)
    })
  }

  for (const restartPolicy of policies) {
    it(`creates a container anew under ${restartPolicy} that was killed for that, however it ended`, () => {
      const pod = aPod({ spec: { restartPolicy } })
      for (const ended of [succeeded, failed]) {
        const facts = podFacts({ killedForRestart: new Set([ended.id]) })
        assert.deepEqual(decideContainer(pod, aContainer(), ended, facts), again(ended))
      }
    })
  }
})

describe('decideContainer for a container with a restart policy of its own', () => {
  const pod = aPod({ spec: { restartPolicy: 'OnFailure' } })
  const never = aContainer({ restartPolicy: 'Never' })
  const always = aContainer({ restartPolicy: 'Always' })

  it("goes by that policy, not by the Pod's", () => {
    const decisions = [never, always].map((container) => [
      decideContainer(pod, container, failed, podFacts()),
      decideContainer(pod, container, succeeded, podFacts()),
    ])
    assert.deepEqual(decisions, [
      [done, done],
      [again(failed), again(succeeded)],
    ])
  })

  it('goes by it also where Docker has no record', () => {
    const facts = podFacts({ vanished: new Map([['main', { attempt: 4, exitCode: 137 }]]) })
    assert.deepEqual(decideContainer(pod, never, undefined, facts), done)
    assert.deepEqual([...vanishedForGood(aPod({ spec: { containers: [never] } }), facts.vanished)], ['main'])
  })
})

describe('decideContainer for a container that ran and of which Docker has no record', () => {
  const next: ContainerDecision = { kind: 'create', attempt: 8, previous: undefined }
  const cases: readonly (readonly [exitCode: number, policy: RestartPolicy, decision: ContainerDecision])[] = [
    [0, 'Always', next],
    [137, 'Always', next],
    [0, 'OnFailure', done],
    [137, 'OnFailure', next],
    [0, 'Never', done],
    [137, 'Never', done],
  ]
  for (const [exitCode, restartPolicy, decision] of cases) {
    it(`says ${decision.kind} under ${restartPolicy} after exit code ${exitCode}`, () => {
      const facts = podFacts({ vanished: new Map([['main', { attempt: 7, exitCode }]]) })
      assert.deepEqual(decideContainer(aPod({ spec: { restartPolicy } }), aContainer(), undefined, facts), decision)
    })
  }

  it('believes what Docker has, where it has something', () => {
    const facts = podFacts({ vanished: new Map([['main', { attempt: 7, exitCode: 0 }]]) })
    assert.deepEqual(decideContainer(aPod({ spec: { restartPolicy: 'Never' } }), aContainer(), fine, facts), keep)
  })
})

describe('decideContainer for a container that runs and has probes', () => {
  const own = { tcpSocket: { port: 1 }, terminationGracePeriodSeconds: 7 }
  const spec = { livenessProbe: own, startupProbe: { tcpSocket: { port: 1 } } }
  const sidecar = { restartPolicy: 'Always' }
  const failing = (failed: ProbeVerdicts['failed']): PodFacts =>
    podFacts({ probes: new Map([['main', { id: fine.id, started: true, ready: true, failed }]]) })

  interface ProbeCase {
    readonly title: string
    readonly failed: ProbeVerdicts['failed']
    readonly policy?: RestartPolicy
    readonly container?: Partial<ContainerSpec>
    readonly isSidecar?: boolean
    readonly outdated?: boolean
    /** `message; grace; then restart`, or `keep`. */
    readonly decision: string
  }
  const cases: readonly ProbeCase[] = [
    { title: 'nothing has failed', failed: undefined, decision: 'keep' },
    {
      title: 'liveness has failed',
      failed: 'liveness',
      decision: 'Container main failed liveness probe, will be restarted; 7; true',
    },
    {
      title: 'startup has failed',
      failed: 'startup',
      decision: 'Container main failed startup probe, will be restarted; 30; true',
    },
    {
      title: 'liveness has failed',
      policy: 'OnFailure',
      failed: 'liveness',
      decision: 'Container main failed liveness probe, will be restarted; 7; true',
    },
    {
      title: 'liveness has failed',
      policy: 'Never',
      failed: 'liveness',
      decision: 'Container main failed liveness probe; 7; false',
    },
    {
      title: 'liveness of one with a policy of its own has failed',
      policy: 'Never',
      container: { restartPolicy: 'OnFailure' },
      failed: 'liveness',
      decision: 'Container main failed liveness probe, will be restarted; 7; true',
    },
    {
      title: 'liveness of one with rules for its exit codes has failed',
      policy: 'Always',
      container: {
        restartPolicy: 'Never',
        restartPolicyRules: [{ action: 'Restart', exitCodes: { operator: 'In', values: [0, 1, 137] } }],
      },
      failed: 'liveness',
      decision: 'Container main failed liveness probe; 7; false',
    },
    {
      title: 'its definition changed too',
      failed: 'liveness',
      outdated: true,
      decision: 'Container main definition changed, will be restarted; 30; true',
    },
    {
      title: 'liveness of a sidecar has failed',
      policy: 'Never',
      isSidecar: true,
      failed: 'liveness',
      decision: 'Init container main failed liveness probe; 7; true',
    },
    {
      title: 'startup of a sidecar has failed',
      isSidecar: true,
      failed: 'startup',
      outdated: true,
      decision: 'Init container main failed startup probe; 30; true',
    },
    {
      title: 'the definition of a sidecar changed',
      isSidecar: true,
      failed: undefined,
      outdated: true,
      decision: 'Init container main definition changed; 30; true',
    },
  ]
  for (const {
    title,
    failed,
    policy = 'Always',
    container,
    isSidecar = false,
    outdated: isOld = false,
    decision,
  } of cases) {
    it(`says "${decision}" under ${policy} when ${title}`, () => {
      const probed = aContainer({ ...spec, ...(isSidecar ? sidecar : {}), ...container })
      const lists = isSidecar ? { initContainers: [probed] } : { containers: [probed] }
      const pod = aPod({ spec: { restartPolicy: policy, ...lists } })
      const decided = decideContainer(pod, probed, isOld ? outdated : fine, failing(failed))
      const text =
        decided.kind === 'kill' ? [decided.message, decided.graceSeconds, decided.thenRestart].join('; ') : decided.kind
      assert.equal(text, decision)
    })
  }

  it('never gives less than two seconds', () => {
    const probed = aContainer({ livenessProbe: { ...own, terminationGracePeriodSeconds: 1 } })
    const decided = decideContainer(aPod({ spec: { containers: [probed] } }), probed, fine, failing('liveness'))
    assert.ok(decided.kind === 'kill')
    assert.equal(decided.graceSeconds, 2)
  })
})

describe('vanishedForGood', () => {
  it('names those whose record is gone and whom the policy does not start again', () => {
    const vanished = new Map([
      ['good', { attempt: 0, exitCode: 0 }],
      ['bad', { attempt: 0, exitCode: 137 }],
    ])
    const containers = containersNamed('good', 'running', 'bad')
    const names = policies.map((restartPolicy) => [
      ...vanishedForGood(aPod({ spec: { restartPolicy, containers } }), vanished),
    ])
    assert.deepEqual(names, [[], ['good'], ['good', 'bad']])
  })

  it('names init containers that have failed for good, and none that has succeeded', () => {
    const vanished = new Map([
      ['good', { attempt: 0, exitCode: 0 }],
      ['bad', { attempt: 0, exitCode: 137 }],
    ])
    const spec = { restartPolicy: 'Never', initContainers: containersNamed('good', 'bad') }
    assert.deepEqual([...vanishedForGood(aPod({ spec }), vanished)], ['bad'])
  })
})
