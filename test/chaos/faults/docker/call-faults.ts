import { setTimeout as delay } from 'node:timers/promises'
import type { DockerCallKind } from '../../bed/docker-calls.ts'
import type { Fault } from '../../fault.ts'
import type { PodKindName } from '../../workload/pod-kinds.ts'
import type { Phase } from '../../workload/plan-round.ts'

/** Calls that an agent makes while it works, which Pods make it do so, and when. */
const calls: Readonly<
  Partial<Record<DockerCallKind, { readonly phase?: Phase; readonly provokes?: readonly PodKindName[] }>>
> = {
  info: {},
  ping: {},
  events: {},
  'list-containers': {},
  'inspect-container': {},
  'create-container': { phase: 'churn' },
  'start-container': { phase: 'churn' },
  'stop-container': { phase: 'end', provokes: ['stubborn', 'stays'] },
  'remove-container': { phase: 'end', provokes: ['stays'] },
  'read-logs': { phase: 'churn', provokes: ['fails'] },
  'exec-create': { phase: 'churn', provokes: ['probed', 'hooked'] },
  'exec-start': { phase: 'churn', provokes: ['probed', 'hooked'] },
  'exec-inspect': { phase: 'churn', provokes: ['probed', 'hooked'] },
  'list-images': {},
  'inspect-image': { phase: 'churn' },
  'pull-image': { phase: 'churn', provokes: ['unpullable'] },
}

type Entry = readonly [DockerCallKind, { readonly phase?: Phase; readonly provokes?: readonly PodKindName[] }]
const entries = Object.entries(calls) as readonly Entry[]

/** Calls of one kind are never answered; when it is mended their connections break. */
const hangs: readonly Fault[] = entries.map(([kind, place]) => ({
  name: `docker-hang-${kind}`,
  ...place,
  async inject({ docker, faultMs }, random, signal) {
    let hung = 0
    // One hangs, or all; its connection breaks in the end, or the agent has to lose patience.
    const most = random.pick([1, Number.POSITIVE_INFINITY])
    const how = random.pick(['hang', 'swallow'] as const)
    const use = docker.proxy.use((call) => (call.kind === kind && (hung += 1) <= most ? how : 'pass'))
    await delay(faultMs, undefined, { signal }).finally(() => use[Symbol.dispose]())
    return { [Symbol.asyncDispose]: () => Promise.resolve(), ...(hung === 0 ? { note: 'no such call came' } : {}) }
  },
}))

/** Docker fails, now and then or each time, whatever it is asked. */
const fails: Fault = {
  name: 'docker-500',
  async inject({ docker, faultMs }, random, signal) {
    const share = random.pick([0.2, 0.5, 1])
    const chance = random.fork()
    using _ = docker.proxy.use(({ kind }) => {
      if (kind === 'events' || !chance.chance(share)) return 'pass'
      return { status: 500, message: 'chaos: this Docker is unwell' }
    })
    await delay(faultMs, undefined, { signal })
    return { [Symbol.asyncDispose]: () => Promise.resolve() }
  },
}

/** Docker does what it is asked, and the answer is lost. */
const loses: Fault = {
  name: 'docker-answer-lost',
  async inject({ docker, faultMs }, random, signal) {
    const chance = random.fork()
    using _ = docker.proxy.use(({ method }) => (method !== 'GET' && chance.chance(0.4) ? 'lose' : 'pass'))
    await delay(faultMs, undefined, { signal })
    return { [Symbol.asyncDispose]: () => Promise.resolve() }
  },
}

export const callFaults: readonly Fault[] = [...hangs, fails, loses]
