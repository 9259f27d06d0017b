/** One family of metrics as one scrape sees it. */
export interface MetricFamily {
  readonly name: string
  /** What it counts or measures, in one sentence. */
  readonly help: string
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly samples: Iterable<MetricSample>
}

export interface MetricSample {
  /** What the family's name is followed by: `_bucket`, `_sum`, `_count` of a histogram. Default: nothing. */
  readonly suffix?: string
  /** Names and values, in the order in which they are written; the kubelet's are in that of the alphabet. */
  readonly labels: readonly MetricLabel[]
  readonly value: number
  /** When it was measured, in epoch milliseconds, where that is not the moment of the scrape. */
  readonly timestampMs?: number
}

export type MetricLabel = readonly [name: string, value: string]

/** Tells of families when somebody scrapes. What fails is left out of that scrape. */
export type MetricSource = () => readonly MetricFamily[] | Promise<readonly MetricFamily[]>
