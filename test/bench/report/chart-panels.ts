import { ratio, type Row } from './row.ts'
import { scale, type Summary } from './summary.ts'
import { format } from './table.ts'

/** Rows that share an axis, which is logarithmic. */
export interface Panel {
  readonly title: string
  readonly rows: readonly PanelRow[]
  readonly from: number
  readonly to: number
  readonly ticks: readonly number[]
}

export interface PanelRow {
  readonly what: string
  readonly marks: readonly Mark[]
  readonly goal: number | undefined
  /** The figures, beside the picture. */
  readonly says: string
}

/** A median with its spread, on the panel's axis. */
export interface Mark {
  readonly kind: 'ours' | 'peer' | 'raw'
  readonly low: number
  readonly middle: number
  readonly high: number
}

/** Nothing is smaller in a picture. */
const least = 0.05
const ticks = [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000]

/** Times beside Docker alone, figures beside their goals, and what is left beside the real kubelet; details stay out. */
export function panelsOf(rows: readonly Row[]): readonly Panel[] {
  const shown = rows.filter(({ isDetail, ours }) => isDetail !== true && ours.p50 > 0)
  const isRaw = (row: Row): boolean => row.raw !== undefined
  const isLimit = (row: Row): boolean => !isRaw(row) && row.goal?.kind === 'limit'
  const isPeers = (row: Row): boolean => !isRaw(row) && !isLimit(row) && row.peer !== undefined
  return [
    panel('Time, in multiples of what Docker alone needs', shown.filter(isRaw), (row) => row.raw?.p50 ?? 1),
    panel('In multiples of the goal', shown.filter(isLimit), (row) => row.goal?.most ?? 1),
    panel('In multiples of what the real kubelet needs', shown.filter(isPeers), (row) => row.peer?.p50 ?? 1),
  ].filter((one) => one.rows.length > 0)
}

/** `one` is what counts as 1 in a row. */
function panel(title: string, rows: readonly Row[], one: (row: Row) => number): Panel {
  const drawn = rows.map((row) => panelRow(row, one(row)))
  const values = drawn.flatMap(({ marks }) => marks.flatMap(({ low, high }) => [low, high]))
  const from = ticks.findLast((tick) => tick <= Math.min(0.5, ...values)) ?? least
  const to = ticks.find((tick) => tick >= Math.max(2, ...values)) ?? 1000
  return { title, rows: drawn, from, to, ticks: ticks.filter((tick) => tick >= from && tick <= to) }
}

function panelRow(row: Row, one: number): PanelRow {
  const { what, ours, peer, raw, goal, judged } = row
  const marks = [mark('ours', ours, one, judged), mark('peer', peer, one, judged), mark('raw', raw, one, judged)]
  const limit = goal?.kind === 'limit' ? goal.most / one : goal?.most
  return { what, marks: marks.flatMap((found) => found ?? []), goal: limit, says: figures(row) }
}

function mark(kind: Mark['kind'], summary: Summary | undefined, one: number, judged: Row['judged']): Mark | undefined {
  if (summary === undefined) return undefined
  const scaled = scale(summary, 1 / one)
  const visible = (value: number): number => Math.min(1000, Math.max(least, value))
  return { kind, low: visible(scaled.p5), middle: visible(scaled[judged ?? 'p50']), high: visible(scaled.p95) }
}

function figures(row: Row): string {
  const { ours, peer, unit, judged = 'p50' } = row
  const times = ratio(ours, row)
  const theirs = peer === undefined ? '' : ` · ${format(peer[judged], unit)}`
  const factor = times === undefined ? '' : ` (${times.toFixed(2)} ×)`
  return `${format(ours[judged], unit)}${factor}${theirs}`
}
