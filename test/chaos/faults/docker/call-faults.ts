import { setTimeout as delay } from 'node:timers/promises'
import type { DockerCallKind } from '../../bed/docker-calls.ts'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'
import type { PodKindName } from '../../workload/pod-kinds.ts'
import type { Phase } from '../../workload/plan-round.ts'

/** When a call is made, and which Pods make the agent do so. */
interface Place {
  readonly phase?: Phase
  readonly provokes?: readonly PodKindName[]
  /** It is made when the agent starts, and seldom later: one that gets no answer then may end, to be started again. */
  readonly atStart?: boolean
}

/** The calls of an agent at work. */
const calls: readonly (readonly [DockerCallKind, Place])[] = [
  ['version', { atStart: true }],
  ['info', { atStart: true }],
  ['networks', { atStart: true }],
  ['events', { atStart: true }],
  ['list-containers', { atStart: true }],
  ['inspect-container', {}],
  ['create-container', { phase: 'churn' }],
  ['start-container', { phase: 'churn' }],
  ['stop-container', { phase: 'end', provokes: ['stubborn', 'stays'] }],
  ['remove-container', { phase: 'end', provokes: ['stays'] }],
  ['read-logs', { phase: 'churn', provokes: ['fails'] }],
  ['exec-create', { phase: 'churn', provokes: ['probed', 'hooked'] }],
  ['exec-start', { phase: 'churn', provokes: ['probed', 'hooked'] }],
  ['exec-inspect', { phase: 'churn', provokes: ['probed', 'hooked'] }],
  ['list-images', { atStart: true }],
  ['inspect-image', { phase: 'churn', atStart: true }],
  ['pull-image', { phase: 'churn', provokes: ['unpullable'] }],
]

/** An agent needs some seconds to come up on a busy machine. */
const patienceMs = 8_000

/**
 * Calls of one kind are never answered. One hangs, or all; its connection breaks in the end, or
 * the agent has to lose patience.
 */
const hangs: readonly Fault[] = calls.map(([kind, { atStart = false, ...place }]) => ({
  name: `docker-hang-${kind}`,
  mayEndAgent: atStart,
  ...place,
  async inject({ agent, docker, faultMs }, random, signal) {
    const most = random.pick([1, Number.POSITIVE_INFINITY])
    const how = random.pick(['hang', 'swallow'] as const)
    let hung = 0
    const { promise: came, resolve } = Promise.withResolvers<void>()
    using _ = docker.proxy.use((call) => {
      if (call.kind !== kind) return 'pass'
      resolve()
      hung += 1
      return hung <= most ? how : 'pass'
    })
    if (atStart) {
      await agent.kill9()
      agent.start()
    }
    await Promise.race([came, delay(patienceMs, undefined, { signal })])
    if (hung === 0) return { ...mended, note: 'no such call came' }
    await delay(faultMs, undefined, { signal })
    return mended
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
    return mended
  },
}

/** Docker does what it is asked, and the answer is lost. */
const loses: Fault = {
  name: 'docker-answer-lost',
  async inject({ docker, faultMs }, random, signal) {
    const chance = random.fork()
    using _ = docker.proxy.use(({ method }) => (method !== 'GET' && chance.chance(0.4) ? 'lose' : 'pass'))
    await delay(faultMs, undefined, { signal })
    return mended
  },
}

export const callFaults: readonly Fault[] = [...hangs, fails, loses]
