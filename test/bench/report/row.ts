import type { Summary } from './summary.ts'

/** What the samples of a row are in; `''` is a plain count. */
export type Unit = 'ms' | 's of CPU' | '%' | 'MB' | ''

/** What it is to be at most: so many times what Docker alone needs, or a number in the row's unit. */
export type Goal = { readonly kind: 'ratio'; readonly most: number } | { readonly kind: 'limit'; readonly most: number }

/** One thing that was measured. Smaller is better in each of them. */
export interface Row {
  readonly what: string
  readonly unit: Unit
  readonly ours: Summary
  /** The real kubelet's. */
  readonly peer?: Summary | undefined
  /** What Docker alone needs for the same work. */
  readonly raw?: Summary | undefined
  readonly goal?: Goal | undefined
  /** What the goal is about; the median if unset. */
  readonly judged?: 'p50' | 'p95'
  /** It says more of the row above it. */
  readonly isDetail?: boolean
}

/** How a row ends: against its goal, and against the real kubelet. */
export interface Verdict {
  /** `undefined` where there is none, or nothing to compare with. */
  readonly goal: 'reached' | 'missed' | undefined
  readonly peer: 'beaten' | 'not beaten' | undefined
}

/** How many times Docker alone; `undefined` where that was not measured. */
export function ratio(measured: Summary | undefined, row: Row): number | undefined {
  if (measured === undefined || row.raw === undefined) return undefined
  return measured[row.judged ?? 'p50'] / row.raw[row.judged ?? 'p50']
}

export function verdict(row: Row): Verdict {
  const { ours, peer, goal, judged = 'p50' } = row
  const value = goal?.kind === 'ratio' ? ratio(ours, row) : ours[judged]
  const isReached = goal === undefined || value === undefined ? undefined : value <= goal.most
  return {
    goal: isReached === undefined ? undefined : isReached ? 'reached' : 'missed',
    peer: peer === undefined ? undefined : ours[judged] < peer[judged] ? 'beaten' : 'not beaten',
  }
}

/** Rows that ask for an explanation. */
export function isMissed(row: Row): boolean {
  const { goal, peer } = verdict(row)
  return goal === 'missed' || (peer === 'not beaten' && row.isDetail !== true)
}
