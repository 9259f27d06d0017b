import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ObservedSandbox } from '../../../src/model/observed.ts'
import { decideSandbox, type SandboxDecision } from '../../../src/plan/sandbox-decision.ts'
import { anObservedPod, anObservedSandbox, created, exited } from '../../builders/observed.ts'
import { aPod } from '../../builders/pod.ts'

const sandbox = anObservedSandbox({ attempt: 3 })
const older = anObservedSandbox({ attempt: 2 })
const ended = { state: exited(), ips: [] }
const changed = (reason: string): SandboxDecision => ({ kind: 'changed', attempt: 4, reason })

describe('decideSandbox', () => {
  const cases: readonly (readonly [title: string, sandboxes: readonly ObservedSandbox[], decision: SandboxDecision])[] =
    [
      ['is missing when there is none', [], { kind: 'missing', attempt: 0 }],
      ['is ready when it runs', [sandbox], { kind: 'ready', sandbox }],
      ['is ready beside an older one that has ended', [sandbox, { ...older, ...ended }], { kind: 'ready', sandbox }],
      [
        'is ready beside an older one that was never started',
        [sandbox, { ...older, state: created }],
        { kind: 'ready', sandbox },
      ],
      [
        'is to be started when it is created',
        [{ ...sandbox, state: created, ips: [] }],
        { kind: 'unstarted', sandbox: { ...sandbox, state: created, ips: [] } },
      ],
      ['changed when it has ended', [{ ...sandbox, ...ended }], changed('the sandbox does not run')],
      ['changed when another one runs', [sandbox, older], changed('more than one sandbox runs')],
      [
        'changed when only an older one runs',
        [{ ...sandbox, state: created }, older],
        changed('more than one sandbox runs'),
      ],
      ['changed when it has no IP', [{ ...sandbox, ips: [] }], changed('the sandbox has no IP')],
      [
        "changed when it is on the host's network and the Pod is not",
        [{ ...sandbox, hostNetwork: true, ips: [] }],
        changed('the network mode of the Pod changed'),
      ],
    ]
  for (const [title, sandboxes, decision] of cases) {
    it(`finds that it ${title}`, () => assert.deepEqual(decideSandbox(aPod(), anObservedPod({ sandboxes })), decision))
  }

  it("needs no IP on the host's network", () => {
    const host = { ...sandbox, hostNetwork: true, ips: [] }
    const pod = aPod({ spec: { hostNetwork: true } })
    assert.deepEqual(decideSandbox(pod, anObservedPod({ sandboxes: [host] })), { kind: 'ready', sandbox: host })
    assert.deepEqual(
      decideSandbox(pod, anObservedPod({ sandboxes: [sandbox] })),
      changed('the network mode of the Pod changed'),
    )
  })
})
