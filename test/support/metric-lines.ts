import { expositionText } from '../../src/metrics/exposition.ts'
import type { MetricFamily } from '../../src/metrics/metric-family.ts'

/** The samples of families as a scrape shows them, without what says what they are; of those whose names begin so. */
export function metricLines(families: Iterable<MetricFamily>, prefix = ''): readonly string[] {
  return expositionText(families)
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#') && line.startsWith(prefix))
}

/** The same without the buckets of histograms, and without what is nought. */
export function counted(families: Iterable<MetricFamily>, prefix = ''): readonly string[] {
  return metricLines(families, prefix).filter((line) => !/_bucket\{| 0$/u.test(line))
}
