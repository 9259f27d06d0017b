import { loadLines, type MachineLoad } from './machine-load.ts'
import { isMissed, type Row } from './row.ts'
import { formatRows } from './table.ts'

/** Everything that was measured; what is written as JSON, too. */
export interface BenchResult {
  /** When, in ISO 8601. */
  readonly at: string
  /** On what. */
  readonly machine: string
  readonly load: MachineLoad
  readonly minutes: number
  /** The command lines of the nodes that were measured. */
  readonly commands: readonly string[]
  readonly parts: readonly MeasuredPart[]
}

/** What one part gave: rows of the table, and text that is no row. */
export interface Measured {
  readonly rows: readonly Row[]
  readonly notes: readonly string[]
}

export interface MeasuredPart extends Measured {
  readonly name: string
}

export function rowsOnly(rows: readonly Row[]): Measured {
  return { rows, notes: [] }
}

/**
 * Several runs as one: the parts in the order of the runs, of each part the last that was
 * measured, on what the first had.
 */
export function merged(results: readonly [BenchResult, ...BenchResult[]]): BenchResult {
  const parts = new Map<string, MeasuredPart>()
  for (const result of results) for (const part of result.parts) parts.set(part.name, part)
  const [first] = results
  const resting = results.flatMap(({ load }) => load.resting)
  const atStart = Math.max(...results.map(({ load }) => load.atStart))
  const stolen = Math.max(...results.map(({ load }) => load.stolen))
  const minutes = results.reduce((sum, one) => sum + one.minutes, 0)
  return { ...first, minutes, load: { ...first.load, resting, atStart, stolen }, parts: [...parts.values()] }
}

export function rowsOf({ parts }: BenchResult): readonly Row[] {
  return parts.flatMap(({ rows }) => rows)
}

/** As text for a terminal. */
export function formatResult(result: BenchResult): string {
  const rows = rowsOf(result)
  const missed = rows.filter(isMissed).map(({ what }) => what.trim())
  const notes = result.parts.flatMap(({ notes: lines }) => (lines.length === 0 ? [] : ['', ...lines]))
  return [
    `${result.machine}; ${result.minutes.toFixed(1)} minutes`,
    ...loadLines(result.load),
    '',
    ...(rows.length === 0 ? [] : [formatRows(rows)]),
    ...(missed.length === 0 ? [] : ['', `Missed: ${missed.join('; ')}`]),
    ...notes,
  ].join('\n')
}
