import { ratio, verdict, type Row, type Unit } from './row.ts'
import type { Summary } from './summary.ts'

const header = ['', 'ours', 'p5–p95', 'kubelet', 'p5–p95', 'Docker alone', 'ours', 'kubelet', 'goal', '']

/** Rows as text for a terminal; columns of what nobody has measured are left out. */
export function formatRows(rows: readonly Row[]): string {
  const table = [header, ...rows.map(cells)]
  const isUsed = header.map((_, column) => table.slice(1).some((row) => row[column] !== ''))
  return formatTable(table.map((row) => row.filter((_, column) => isUsed[column])))
}

/** Aligned columns: the first to the left, numbers to the right. */
export function formatTable(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  )
  return lines.map((line) => line.join('  ').trimEnd()).join('\n')
}

function cells(row: Row): readonly string[] {
  const { what, unit, ours, peer, raw, isDetail = false } = row
  return [
    isDetail ? `  ${what}` : what,
    value(ours, unit),
    spread(ours, unit),
    value(peer, unit),
    spread(peer, unit),
    value(raw, unit),
    times(ratio(ours, row)),
    times(ratio(peer, row)),
    goalText(row),
    verdictText(row),
  ]
}

function goalText({ goal, unit, judged }: Row): string {
  if (goal === undefined) return ''
  const most = goal.kind === 'ratio' ? `${goal.most} ×` : format(goal.most, unit)
  return `≤ ${most}${judged === undefined ? '' : ` (${judged})`}`
}

function verdictText(row: Row): string {
  const { goal, peer } = verdict(row)
  const words = []
  if (goal !== undefined) words.push(goal === 'reached' ? '✓' : '✗ missed')
  if (peer === 'not beaten' && row.isDetail !== true) words.push('kubelet is no worse')
  return words.join(', ')
}

function value(summary: Summary | undefined, unit: Unit): string {
  return summary === undefined ? '' : format(summary.p50, unit)
}

/** Nothing for what was measured once. */
function spread(summary: Summary | undefined, unit: Unit): string {
  if (summary === undefined || summary.count < 2) return ''
  return `${format(summary.p5, unit)}–${format(summary.p95, unit)}`
}

function times(value: number | undefined): string {
  return value === undefined ? '' : `${value.toFixed(2)} ×`
}

/** A figure for people to read: milliseconds from a hundred on as seconds. */
export function format(value: number, unit: Unit): string {
  switch (unit) {
    case 'ms':
      return Math.abs(value) < 100 ? `${value.toFixed(1)} ms` : `${(value / 1000).toFixed(3)} s`
    case 's of CPU':
      return `${value.toFixed(3)} s`
    case '%':
      return `${value.toFixed(2)} %`
    case 'MB':
      return `${value.toFixed(1)} MB`
    case '':
      return Number.isInteger(value) ? String(value) : value.toFixed(2)
    default:
      return unit satisfies never
  }
}
