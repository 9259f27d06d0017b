import { setTimeout as delay } from 'node:timers/promises'
import type { UnaskedEnd } from './bed/chaos-agent.ts'
import type { ChaosBed, Fault } from './fault.ts'
import { agentIsNoBigger } from './invariants/node-state.ts'
import type { AgentSize } from './invariants/snapshot.ts'
import { Random } from './random.ts'
import type { ScheduledRound } from './schedule.ts'
import { settle } from './settle.ts'
import { performAll } from './workload/perform.ts'
import { planRound, type Phase } from './workload/plan-round.ts'
import { nothingWanted, type TimedStep } from './workload/steps.ts'

/** What has come of a round: a row of the report. */
export interface RoundResult {
  readonly seed: number
  readonly fault: string
  readonly note: string
  /** How many Pods came, and in how many steps. */
  readonly pods: number
  readonly steps: number
  /** From the last step, or the mending, until all was as it must be, with the Pods that are wanted and with none. */
  readonly settledMs: number
  readonly endedMs: number
  readonly totalMs: number
  readonly agent: AgentSize | undefined
  readonly violations: readonly string[]
  /** The end of the agent's log, where something is wrong. */
  readonly log: readonly string[]
}

/** @param fresh What an agent had that was new. */
export async function playRound(
  bed: ChaosBed,
  { seed, fault }: ScheduledRound,
  fresh: AgentSize | undefined,
  signal: AbortSignal,
): Promise<RoundResult> {
  const startedAtMs = performance.now()
  const random = new Random(seed)
  const plan = planRound(random, {
    prefix: `s${seed}`,
    hostFolder: bed.folders.host,
    provokes: fault.provokes ?? [],
    phase: fault.phase,
    atOnce: fault.atOnce ?? false,
  })
  bed.starts.forget()
  const unasked = bed.agent.unasked.length
  const phases = { bed, fault, random, plan, signal }
  const noteOfChurn = await phase(phases, 'churn', plan.churn)
  const settled = await settle(bed, plan.wanted, signal)
  // The Pods go even if something was wrong with them: what is left then is told as well.
  const noteOfEnd = await phase(
    phases,
    'end',
    plan.end.map((step) => ({ atMs: 0, step })),
  )
  const ended = await settle(bed, nothingWanted, signal)
  const { agent } = ended.snapshot ?? {}
  const violations = [
    ...settled.faults,
    ...ended.faults.map((each) => `at the end: ${each}`),
    ...agentIsNoBigger(agent, fresh),
    ...unexcused(fault, bed.agent.unasked.slice(unasked)).map(({ how }) => `the agent ended by itself with ${how}`),
  ]
  const created = plan.churn.filter(({ step }) => step.kind === 'create-pod' || step.kind === 'write-manifest')
  return {
    seed,
    fault: fault.name,
    note: noteOfChurn ?? noteOfEnd ?? '',
    pods: created.length,
    steps: plan.churn.length + plan.end.length,
    settledMs: settled.tookMs,
    endedMs: ended.tookMs,
    totalMs: performance.now() - startedAtMs,
    agent,
    violations,
    log: violations.length > 0 ? bed.agent.tail : [],
  }
}

/** Ends of the agent that say more than that it could not work yet. */
function unexcused({ mayEndAgent = false }: Fault, ends: readonly UnaskedEnd[]): readonly UnaskedEnd[] {
  return ends.filter(({ how }) => !mayEndAgent || !how.startsWith('1: minikubelet: '))
}

interface Phases {
  readonly bed: ChaosBed
  readonly fault: Fault
  readonly random: Random
  readonly plan: ReturnType<typeof planRound>
  readonly signal: AbortSignal
}

/**
 * Does the steps of a phase, and meanwhile the fault, if this is its phase. Resolves when
 * both are over and all is mended.
 */
async function phase(
  { bed, fault, random, plan, signal }: Phases,
  name: Phase,
  steps: readonly TimedStep[],
): Promise<string | undefined> {
  const performed = performAll(bed, steps, signal)
  if (plan.fault.phase !== name) {
    await performed
    return undefined
  }
  const injected = (async () => {
    await delay(plan.fault.atMs, undefined, { signal })
    await using injection = await fault.inject(bed, random, signal)
    return injection.note
  })()
  // Neither is left alone when the other fails.
  try {
    const [, note] = await Promise.all([performed, injected])
    return note
  } finally {
    await Promise.allSettled([performed, injected])
  }
}
