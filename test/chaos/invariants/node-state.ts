/** Whether the node is well, and its agent no bigger than it was. Pure. */
import type { AgentSize, Snapshot } from './snapshot.ts'

/** The lease lives 40 s and is renewed each 10 s. */
const leaseAgeMs = 20_000

export function nodeIsWell({ atMs, nodeReady, leaseRenewedAtMs, agent }: Snapshot): readonly string[] {
  const age = atMs - leaseRenewedAtMs
  return [
    ...(agent === undefined ? ['the agent does not run'] : []),
    ...(nodeReady ? [] : ['the node is not Ready']),
    ...(age <= leaseAgeMs ? [] : [`the lease of the node was renewed ${(age / 1000).toFixed(0)} s ago`]),
  ]
}

/** A node without Pods may have kept so much more than when its agent was new: what is loaded once, and what V8 leaves. */
const moreMb = 40
/** Connections that are kept for the next call. */
const moreFiles = 24

/** @param fresh What an agent had that had run its first Pods, when they were gone. */
export function agentIsNoBigger(agent: AgentSize | undefined, fresh: AgentSize | undefined): readonly string[] {
  if (agent === undefined || fresh === undefined) return []
  const [rss, files] = [agent.rssMb - fresh.rssMb, agent.openFiles - fresh.openFiles]
  return [
    ...(rss <= moreMb
      ? []
      : [`the agent has ${agent.rssMb.toFixed(0)} MB, ${rss.toFixed(0)} more than when it was new`]),
    ...(files <= moreFiles ? [] : [`the agent has ${agent.openFiles} files open, ${files} more than when it was new`]),
  ]
}
