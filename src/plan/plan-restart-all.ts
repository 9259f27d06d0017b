import type { PodAction } from '../model/action.ts'
import type { ObservedContainer } from '../model/observed.ts'
import type { RestartAll } from '../model/restart-all.ts'
import { planKill, type KillFacts, type KillOrder } from './plan-kill.ts'

const reason = 'all containers are restarted'

/** No hook, and the least time to end. */
const kill: KillOrder = {
  graceSeconds: 0,
  preStop: undefined,
  isItsTurn: true,
  message: 'killing',
  thenRestart: false,
  reason,
}

/**
 * What to do now so that nothing is left of the Pod's containers but their sandbox: what runs is killed, with next to no
 * grace; then everything goes, last of all what asked for it, so that whoever looks at a Pod half-way sees why.
 */
export function planRestartAll(
  { triggers, others }: Extract<RestartAll, { kind: 'removing' }>,
  facts: KillFacts,
): readonly PodAction[] {
  const running = others.filter(({ state }) => state.phase === 'running')
  if (running.length > 0) return running.map((container) => planKill(container, kill, facts))
  if (others.length > 0) return others.map(remove)
  const untilMs = roundEndsAt(triggers)
  return untilMs > facts.nowMs ? [waitForRound(Math.min(untilMs, facts.nowMs + shortestRoundMs))] : triggers.map(remove)
}

/**
 * A Pod that ends at once begins anew once a second: about as often as a kubelet would
 * notice. No back-off is known here.
 */
const shortestRoundMs = 1000

function roundEndsAt(triggers: readonly ObservedContainer[]): number {
  const starts = triggers.map(({ state }) => (state.phase === 'exited' ? state.startedAtMs : 0))
  return Math.max(0, ...starts) + shortestRoundMs
}

function waitForRound(untilMs: number): PodAction {
  const waiting = { containerName: undefined, reason: 'RestartingAllContainers', message: 'the last one was just now' }
  return { kind: 'wait', untilMs, waiting }
}

function remove({ id, name }: ObservedContainer): PodAction {
  return { kind: 'remove-container', id, containerName: name, reason }
}
