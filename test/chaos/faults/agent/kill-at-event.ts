import { setTimeout as delay } from 'node:timers/promises'
import type { PodEvent } from '../../../../src/model/pod-event.ts'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import type { Phase } from '../../workload/plan-round.ts'
import type { PodKindName } from '../../workload/pod-kinds.ts'

type Kind = PodEvent['kind']

/** Where an event comes from: in which phase of a round, and which Pods make it happen. */
interface Place {
  readonly phase: Phase
  readonly provokes?: readonly PodKindName[]
}

/** Why no Pod of ours makes it happen. */
type Beyond = string

/** Every step of the event model has its place, or says why not. */
const places: Readonly<Record<Kind, Place | Beyond>> = {
  'pod-seen': { phase: 'churn' },
  'sandbox-changed': 'Docker has to lose a sandbox: the faults of Docker and those behind the agent’s back do that',
  'sandbox-created': { phase: 'churn', provokes: ['stays', 'many'] },
  'sandbox-started': { phase: 'churn', provokes: ['stays', 'many'] },
  'sandbox-failed': 'Docker has to fail: see docker-500',
  'cluster-dns-missing': { phase: 'churn', provokes: ['stays'] },
  'dns-cut': { phase: 'churn', provokes: ['many-servers'] },
  'cgroup-failed': 'the kernel has to fail',
  'sandbox-stopped': { phase: 'churn', provokes: ['succeeds', 'fails', 'too-big', 'overdue'] },
  'image-present': { phase: 'churn', provokes: ['stays', 'many'] },
  'pull-secrets-unusable': { phase: 'churn', provokes: ['unpullable'] },
  'pull-secret-ignored': { phase: 'churn', provokes: ['unpullable'] },
  'pull-started': { phase: 'churn', provokes: ['unpullable'] },
  'pull-progress': 'a pull has to take ten seconds',
  'pull-finished': 'the bed has no registry',
  'pull-failed': { phase: 'churn', provokes: ['unpullable'] },
  'pull-back-off': { phase: 'churn', provokes: ['unpullable'] },
  'image-never-pull': { phase: 'churn', provokes: ['imageless'] },
  'image-inspect-failed': { phase: 'churn', provokes: ['misnamed'] },
  'container-created': { phase: 'churn', provokes: ['stays', 'many'] },
  'container-started': { phase: 'churn', provokes: ['stays', 'many', 'works'] },
  'container-failed': { phase: 'churn', provokes: ['unconfigured', 'commandless'] },
  'container-killing': { phase: 'end', provokes: ['stays', 'many', 'stubborn'] },
  'kill-failed': 'Docker has to fail: see docker-500',
  'container-killed': { phase: 'end', provokes: ['stays', 'many', 'stubborn'] },
  'hook-failed': { phase: 'churn', provokes: ['hook-fails'] },
  'hook-fell-back': 'an HTTPS hook against a plain server: a warning, nothing else',
  'container-exited': { phase: 'churn', provokes: ['succeeds', 'fails', 'works'] },
  'container-back-off': { phase: 'churn', provokes: ['crashes'] },
  'probe-failed': { phase: 'churn', provokes: ['unhealthy'] },
  'probe-warned': 'an HTTP redirect to another host: nothing follows from it',
  'probe-errored': 'Docker has to fail: see docker-500',
  'container-probed': { phase: 'churn', provokes: ['probed', 'unhealthy'] },
  'volume-failed': { phase: 'churn', provokes: ['volumeless'] },
  'volume-group-conflict': 'needs a local volume that two Pods share',
  'volumes-unprocessed': { phase: 'churn', provokes: ['claimless'] },
  'volume-slow': 'a hundred thousand files have to change their group',
  'field-unsupported': { phase: 'churn', provokes: ['unsupported'] },
  'field-beyond-host': 'depends on the host',
  'pod-rejected': { phase: 'churn', provokes: ['too-big'] },
  'pod-ended': { phase: 'churn', provokes: ['overdue'] },
  'pod-overdue': 'a critical Pod has to wait for another one',
  'resize-started': 'an API server of 1.33 or later',
  'resize-completed': 'an API server of 1.33 or later',
  'resize-deferred': 'an API server of 1.33 or later',
  'resize-failed': 'an API server of 1.33 or later',
  'sync-failed': 'Docker has to fail: see docker-500',
  'status-sent': { phase: 'churn', provokes: ['stays', 'succeeds'] },
  'pod-removed': { phase: 'end', provokes: ['stays', 'succeeds'] },
}

/** It comes within moments, or not in this round. */
const patienceMs = 6_000

/** The agent is killed at the moment that it tells of this step of a Pod's way, or a few milliseconds later. */
function killAt(kind: Kind, { phase, provokes = [] }: Place): Fault {
  return {
    name: `kill-at-${kind}`,
    provokes,
    phase,
    atOnce: true,
    async inject({ agent }, random, signal) {
      const nth = random.between(1, 3)
      const afterMs = random.pick([0, 0, 2, 10, 40])
      let seen = 0
      const patience = AbortSignal.any([signal, AbortSignal.timeout(patienceMs)])
      try {
        await agent.logged(({ msg }) => msg === kind && (seen += 1) >= nth, patience)
      } catch (error) {
        if (signal.aborted) throw error
        // Fewer came than were waited for.
        if (seen === 0) return { ...mended, note: 'it did not come' }
      }
      if (afterMs > 0) await delay(afterMs, undefined, { signal })
      await agent.kill9()
      agent.start()
      return mended
    },
  }
}

export const killsAtEvents: readonly Fault[] = Object.entries(places).flatMap(([kind, place]) =>
  typeof place === 'string' ? [] : [killAt(kind as Kind, place)],
)
