/** What has come of the rounds, as text for a terminal. Pure. */
import type { RoundResult } from '../round.ts'

const heading = ['round', 'seed', 'fault', 'Pods', 'steps', 'settled', 'ended', 'in all', 'MB', 'files', '']
const widths = [5, 9, 28, 4, 5, 7, 7, 7, 4, 5, 0]

/** The line that stands above all rows. */
export function formatHeading(): string {
  return line(heading)
}

/** One round; a violation below it tells all that is needed to look into it. */
export function formatRow(round: number, result: RoundResult): string {
  const { seed, fault, note, pods, steps, settledMs, endedMs, totalMs, agent, violations } = result
  const end = violations.length === 0 ? '✓' : `✗ ${violations.length}`
  const row = line([
    String(round),
    String(seed),
    fault,
    String(pods),
    String(steps),
    seconds(settledMs),
    seconds(endedMs),
    seconds(totalMs),
    agent === undefined ? '?' : agent.rssMb.toFixed(0),
    agent === undefined ? '?' : String(agent.openFiles),
    note === '' ? end : `${end}  (${note})`,
  ])
  return [row, ...violations.map((violation) => `      ✗ ${violation}`)].join('\n')
}

/** The end of the agent's log; the whole of it is in the JSON. */
export function formatLog(lines: readonly string[]): string {
  return lines
    .slice(-30)
    .map((text) => `      ${text.length > 240 ? `${text.slice(0, 240)}…` : text}`)
    .join('\n')
}

export function formatEnd(results: readonly RoundResult[]): string {
  const bad = results.filter(({ violations }) => violations.length > 0)
  const faults = new Set(results.map(({ fault }) => fault))
  const of = `${results.length} rounds, ${faults.size} faults`
  if (bad.length === 0) return `${of}: no violation`
  const again = bad.map(({ seed, fault }) => `  npm run chaos -- --rounds 1 --seed ${seed} --fault ${fault}`)
  return [`${of}: ${bad.length} rounds with violations; play them again with`, ...again].join('\n')
}

function line(cells: readonly string[]): string {
  return cells
    .map((cell, column) =>
      column === 2 || column === 10 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
    )
    .join('  ')
    .trimEnd()
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`
}
