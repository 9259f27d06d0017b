import { seconds, type BenchResult, type Row, rowsOf } from './rows.ts'

/** Everything that was measured, as text for a terminal. */
export function formatResult(result: BenchResult): string {
  const rows = rowsOf(result)
  const table = formatTable([['', 'p50', 'p95', 'range', 'Docker alone', 'judged', 'mark', 'goal'], ...rows.map(cells)])
  return [result.machine, '', ...(rows.length > 0 ? [table, ''] : []), ...dockerLines(result)].join('\n')
}

function cells(row: Row): readonly string[] {
  const { what, p50, p95, range, raw, judged, unit } = row
  const number = judged.toFixed(unit === 'MB' ? 1 : judged < 0.1 ? 3 : 2)
  return [what, p50, p95, range, raw, `${number} ${unit}`, verdict(row, row.mark), verdict(row, row.goal)]
}

function verdict({ judged }: Row, limit: number | undefined): string {
  return limit === undefined ? '' : `${judged <= limit ? '✓' : '✗'} ${limit}`
}

/** What Docker itself did. */
function dockerLines({ single, burst, rawBurst }: BenchResult): readonly string[] {
  const lines: string[] = []
  if (single !== undefined) {
    const { rawStart, rawEnd, daemonCpuSeconds, rawDaemonCpuSeconds } = single
    lines.push(
      `Docker alone: start p50 ${seconds(rawStart.p50)}, ${seconds(rawStart.min)}–${seconds(rawStart.max)}; ` +
        `end p50 ${seconds(rawEnd.p50)}, ${seconds(rawEnd.min)}–${seconds(rawEnd.max)}`,
      `CPU of dockerd and containerd for a Pod: ${daemonCpuSeconds.toFixed(3)} s; alone: ${rawDaemonCpuSeconds.toFixed(3)} s`,
    )
  }
  const one = burst?.rawStart.p50 ?? single?.rawStart.p50
  for (const { parallel, startMs, endMs } of rawBurst ?? []) {
    const ratio =
      one === undefined || burst === undefined ? '' : ` (${(startMs / one / burst.pods).toFixed(2)} × one at a time)`
    lines.push(
      `Docker alone, ${parallel} at a time: all started in ${seconds(startMs)}${ratio}, ended in ${seconds(endMs)}`,
    )
  }
  return lines
}

function formatTable(table: readonly (readonly string[])[]): string {
  const widths = (table[0] ?? []).map((_, column) => Math.max(...table.map((row) => row[column]?.length ?? 0)))
  const lines = table.map((row) =>
    row.map((cell, column) => (column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0))),
  )
  return lines.map((line) => line.join('  ').trimEnd()).join('\n')
}
