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
  return (others.length > 0 ? others : triggers).map(remove)
}

function remove({ id, name }: ObservedContainer): PodAction {
  return { kind: 'remove-container', id, containerName: name, reason }
}
