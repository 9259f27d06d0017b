import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { violations } from '../../chaos/invariants/invariants.ts'
import { agentIsNoBigger } from '../../chaos/invariants/node-state.ts'
import type { Snapshot } from '../../chaos/invariants/snapshot.ts'
import { aContainerStatus, aPodUid } from '../../builders/pod.ts'
import { runningStatus } from '../../builders/pod-status.ts'
import { aPodThatExpects, aSeenContainer, aSeenSandbox, aSnapshot, aStart } from '../../builders/snapshot.ts'
import { labels } from '../../../src/model/labels.ts'

const pod = `Pod web (${aPodUid})`
const another = { [labels.podUid]: 'another' }
const deleted = { ...aPodThatExpects('ready') }
const exited = { ...runningStatus, containerStatuses: [aContainerStatus({ state: { terminated: { exitCode: 0 } } })] }

const ofNever = { ...deleted, spec: { ...deleted.spec, restartPolicy: 'Never' } }

const cases: readonly (readonly [what: string, change: Partial<Snapshot>, expected: RegExp])[] = [
  ['a Pod that is wanted and not there', { pods: [], containers: [] }, /^Pod web is wanted and not there$/mu],
  [
    'a static Pod without its mirror',
    { wanted: { pods: ['web'], manifests: ['own'], deployments: {} } },
    /Pod own-node-1 is wanted/u,
  ],
  ['a Pod that nobody wants', { wanted: { pods: [], manifests: [], deployments: {} } }, /is there and not wanted/u],
  [
    'a Pod that was deleted and stays',
    { pods: [{ ...deleted, metadata: { ...deleted.metadata, deletionTimestamp: '2026-11-21T09:59:30Z' } }] },
    /was deleted and is still there/u,
  ],
  [
    'a Deployment with too few Pods',
    { wanted: { pods: ['web'], manifests: [], deployments: { app: { replicas: 1, version: 1 } } } },
    /Deployment app has 0 Pods/u,
  ],
  [
    'a container of a Pod that is gone',
    { containers: [aSeenSandbox(), aSeenContainer(), aSeenContainer({ name: 'stray', labels: another })] },
    /container stray is there without its Pod/u,
  ],
  ['a mount that is left', { mounts: ['/root/pods/another/volumes/x'] }, /is mounted without its Pod/u],
  ['a folder that is left', { podFolders: ['another'] }, /the folder of Pod another is left/u],
  [
    'a folder of logs that is left',
    { logFolders: ['default_web_another'] },
    /folder of logs default_web_another is left/u,
  ],
  ['a link of logs that is left', { logLinks: ['web_default_main-another.log'] }, /leads to no container/u],
  ['a cgroup that is left', { cgroups: ['another'] }, /the cgroup of Pod another is left/u],
  [
    'a container that is said to run and does not',
    { containers: [aSeenSandbox(), aSeenContainer({ running: false, exitCode: 137 })] },
    /main is said to run, and Docker says that it ended with 137/u,
  ],
  [
    'a container that is said to run and was never there',
    { containers: [aSeenSandbox()] },
    /which Docker does not have/u,
  ],
  [
    'a container that is said to have ended and runs',
    { pods: [aPodThatExpects('ready', exited)] },
    /main is said to have ended, and Docker says that it runs/u,
  ],
  [
    'a count of restarts that is wrong',
    { containers: [aSeenSandbox(), aSeenContainer({ labels: { [labels.attempt]: '3' } })] },
    /was restarted 3 times, and is said to have been 0/u,
  ],
  [
    'a time that is wrong',
    { containers: [aSeenSandbox(), aSeenContainer({ startedAt: '2026-11-21T09:59:07Z' })] },
    /main runs since/u,
  ],
  [
    'an address that is wrong',
    { containers: [aSeenSandbox({ ip: '10.1.0.9' }), aSeenContainer()] },
    /its address is 10.1.0.9, not 10.1.0.5/u,
  ],
  [
    'two sandboxes',
    { containers: [aSeenSandbox(), aSeenSandbox({ id: 'b' }), aSeenContainer()] },
    /has 2 sandboxes that run/u,
  ],
  [
    'a Pod that is not ready and should be',
    { pods: [aPodThatExpects('ready', { ...runningStatus, conditions: [] })] },
    /should be ready/u,
  ],
  ['a Pod that is not over and should be', { pods: [aPodThatExpects('over')] }, /should be over and is Running/u],
  [
    'a Pod that does not crash and should',
    { pods: [aPodThatExpects('crashes')] },
    /should be started again and again/u,
  ],
  [
    'a Pod that does not live and should',
    { pods: [aPodThatExpects('lives', { ...runningStatus, phase: 'Pending' })] },
    /should live and is Pending/u,
  ],
  ['a Pod that does not wait and should', { pods: [aPodThatExpects('waits')] }, /should wait and is Running/u],
  [
    'a Pod that is over and runs',
    { pods: [aPodThatExpects('over', { ...runningStatus, phase: 'Failed' })] },
    /it is Failed, and k8s_main_web runs/u,
  ],
  [
    'a Pod of restartPolicy Never that has run twice',
    { runs: { web: 2 } },
    /Pod web of restartPolicy Never has run 2 times/u,
  ],
  [
    'a container of restartPolicy Never that Docker has started twice',
    { pods: [ofNever], starts: [aStart('main-0', 'main'), aStart('main-1', 'main')] },
    /main of Pod web of restartPolicy Never was started more than once/u,
  ],
  [
    'a container that was started again',
    { starts: [aStart('main-0', 'main'), aStart('main-0', 'main')] },
    /was started again as main-0/u,
  ],
  ['a node that is not Ready', { nodeReady: false }, /the node is not Ready/u],
  ['a lease that is old', { leaseRenewedAtMs: 0 }, /the lease of the node was renewed/u],
  ['an agent that does not run', { agent: undefined }, /the agent does not run/u],
]

describe('the invariants of a node', () => {
  it('are true of one on which all is well', () => {
    assert.deepEqual(violations(aSnapshot()), [])
  })

  for (const [what, change, expected] of cases) {
    it(`tell of ${what}`, () => {
      assert.match(violations(aSnapshot(change)).join('\n'), expected)
    })
  }

  it('say which Pod', () => {
    const found = violations(aSnapshot({ pods: [aPodThatExpects('over')] }))
    assert.match(found.join('\n'), new RegExp(`^${pod.replaceAll(/[()]/gu, String.raw`\$&`)}: `, 'mu'))
  })
})

describe('an agent', () => {
  const fresh = { pid: 1, rssMb: 90, openFiles: 40 }
  it('may have grown a little', () => {
    assert.deepEqual(agentIsNoBigger({ pid: 1, rssMb: 110, openFiles: 50 }, fresh), [])
  })
  it('may not have grown much, in memory or in open files', () => {
    assert.match(agentIsNoBigger({ pid: 1, rssMb: 190, openFiles: 40 }, fresh).join('\n'), /190 MB, 100 more/u)
    assert.match(agentIsNoBigger({ pid: 1, rssMb: 90, openFiles: 100 }, fresh).join('\n'), /100 files open, 60 more/u)
  })
})
