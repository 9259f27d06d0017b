import type { Row } from '../../bench/report/row.ts'
import { summarize } from '../../bench/report/summary.ts'

/** A row of times that nothing is asked of, and that nothing is compared with. */
export function aRow(more: Partial<Row> = {}): Row {
  return { what: 'created → Ready', unit: 'ms', ours: summarize([200, 250, 300]), ...more }
}
