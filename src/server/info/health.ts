/** Whether the agent is well, in the words of the kubelet (apiserver's pkg/server/healthz). */
import { plainAnswer, type Answer } from '../answers.ts'

/** One thing that has to be well: what it is called, and what is wrong with it, if anything. */
export interface HealthCheck {
  readonly name: string
  readonly fault: () => string | undefined
}

/** That the process can answer at all. */
export const alive: HealthCheck = { name: 'ping', fault: () => undefined }

/** What the kubelet looks at: that it answers, that its log is not blocked, that its loop goes on. */
export function healthChecks(loopFault: () => string | undefined): readonly HealthCheck[] {
  // Lines are written before anything goes on: who answers has not been blocked by them.
  return [alive, { name: 'log', fault: () => undefined }, { name: 'syncloop', fault: loopFault }]
}

/**
 * The kubelet's limit for a loop that is not gone through: twice the time after which everything is
 * looked at, 5 minutes at least.
 */
export function loopFaultAt(nowMs: number, lookedAtMs: number | undefined, periodMs: number): string | undefined {
  const limitMs = Math.max(300_000, 2 * periodMs)
  if (lookedAtMs === undefined || nowMs <= lookedAtMs + limitMs) return undefined
  return 'sync Loop took longer than expected'
}

/** All of it as one answer; `exclude` (repeatable) leaves checks out, `verbose` tells of each. */
export function overallHealth(checks: readonly HealthCheck[], query: URLSearchParams): Answer {
  const excluded = new Set(query.getAll('exclude'))
  const lines: string[] = []
  let isWell = true
  for (const { name, fault } of checks) {
    if (excluded.delete(name)) lines.push(`[+]${name} excluded: ok`)
    else if (fault() === undefined) lines.push(`[+]${name} ok`)
    else {
      isWell = false
      lines.push(`[-]${name} failed: reason withheld`)
    }
  }
  if (excluded.size > 0) {
    const names = [...excluded].toSorted().map((name) => JSON.stringify(name))
    lines.push(`warn: some health checks cannot be excluded: no matches for ${names.join(',')}`)
  }
  if (!isWell) return plainAnswer(500, [...lines, 'healthz check failed', ''].join('\n'))
  return plainAnswer(200, query.has('verbose') ? [...lines, 'healthz check passed', ''].join('\n') : 'ok')
}

/** One of them. */
export function health({ fault }: HealthCheck): Answer {
  const found = fault()
  return found === undefined ? plainAnswer(200, 'ok') : plainAnswer(500, `internal server error: ${found}\n`)
}
