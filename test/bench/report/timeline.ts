import { formatTable, format } from './table.ts'
import { summarize } from './summary.ts'

/** A step of a Pod's way, by the agent's own log. */
export interface Step {
  /** The Pod's name. */
  readonly pod: string
  /** The event's kind, `sandbox-created`. */
  readonly kind: string
  /** Epoch milliseconds of its end. */
  readonly atMs: number
  /** Unset for what has no length. */
  readonly durationMs: number | undefined
}

/** When a client did something with a Pod and saw what came of it, in epoch milliseconds. */
export interface Marks {
  readonly pod: string
  readonly createdAtMs: number
  readonly readyAtMs: number
  readonly deletedAtMs: number
  readonly goneAtMs: number
}

/** One line of a table of steps: milliseconds since the client's request, medians over the Pods. */
export interface TimelineLine {
  readonly what: string
  readonly beginsMs: number
  readonly endsMs: number
  /** How many Pods had it. */
  readonly count: number
}

/** Reads the agent's log; what is no step of a Pod is passed over. */
export function readSteps(log: string): readonly Step[] {
  return log.split('\n').flatMap((line) => {
    if (!line.startsWith('{')) return []
    const entry: Readonly<Record<string, unknown>> = JSON.parse(line)
    const { msg, pod, time, durationMs } = entry
    if (typeof msg !== 'string' || typeof pod !== 'string' || typeof time !== 'string') return []
    const length = typeof durationMs === 'number' ? durationMs : undefined
    return [{ pod: pod.slice(pod.indexOf('/') + 1), kind: msg, atMs: Date.parse(time), durationMs: length }]
  })
}

/** The steps of a Pod's start, or of its end, in their order; a step that comes twice has two lines. */
export function timeline(
  steps: readonly Step[],
  marks: readonly Marks[],
  of: 'start' | 'end',
): readonly TimelineLine[] {
  const spans = new Map<string, { begins: number[]; ends: number[] }>()
  const note = (what: string, beginMs: number, endMs: number): void => {
    const span = spans.get(what) ?? { begins: [], ends: [] }
    span.begins.push(beginMs)
    span.ends.push(endMs)
    spans.set(what, span)
  }
  for (const mark of marks) {
    const fromMs = of === 'start' ? mark.createdAtMs : mark.deletedAtMs
    const seenAtMs = of === 'start' ? mark.readyAtMs : mark.goneAtMs
    const times = new Map<string, number>()
    for (const { pod, kind, atMs, durationMs = 0 } of steps) {
      // What was under way when the client deleted the Pod belongs to its start.
      const isOfStart = atMs - durationMs < mark.deletedAtMs
      if (pod !== mark.pod || isOfStart !== (of === 'start')) continue
      const count = (times.get(kind) ?? 0) + 1
      times.set(kind, count)
      const endMs = atMs - fromMs
      note(count === 1 ? kind : `${kind} (${count})`, endMs - durationMs, endMs)
    }
    note(of === 'start' ? 'seen Ready by the client' : 'seen gone by the client', seenAtMs - fromMs, seenAtMs - fromMs)
  }
  return [...spans]
    .map(([what, { begins, ends }]) => ({
      what,
      beginsMs: summarize(begins).p50,
      endsMs: summarize(ends).p50,
      count: ends.length,
    }))
    .toSorted((a, b) => a.endsMs - b.endsMs)
}

/** As text; `title` heads the first column. */
export function formatTimeline(title: string, lines: readonly TimelineLine[]): string {
  const cells = lines.map(({ what, beginsMs, endsMs, count }) => [
    what,
    format(beginsMs, 'ms'),
    format(endsMs, 'ms'),
    endsMs > beginsMs ? format(endsMs - beginsMs, 'ms') : '',
    String(count),
  ])
  return formatTable([[title, 'begins', 'ends', 'takes', 'Pods'], ...cells])
}
