import { expositionText } from './exposition.ts'
import { gather } from './gather.ts'
import type { HealthMetrics } from './health-metrics.ts'
import type { MetricFamily, MetricSource } from './metric-family.ts'
import { podGauges, type PodsSeen } from './pods/pod-gauges.ts'
import type { ProbeMetrics } from './probe-metrics.ts'
import { processMetrics, processStartTime } from './process-metrics.ts'
import { volumeGauges } from './volumes/volume-gauges.ts'

/** The paths below `/metrics` that are answered from here. */
export type MetricsPath = 'metrics' | 'probes' | 'slis'

export interface Scraped {
  readonly pods: () => PodsSeen
  /** What has been counted so far. */
  readonly metrics: () => readonly MetricFamily[]
  readonly probes: ProbeMetrics
  readonly health: HealthMetrics
  /** Further sources of `/metrics`. */
  readonly more: readonly MetricSource[]
}

/** What a scrape of one of the agent's paths gets. */
export async function scrape(path: MetricsPath, { pods, metrics, probes, health, more }: Scraped): Promise<string> {
  return expositionText(await gather(sources()))

  function sources(): readonly MetricSource[] {
    switch (path) {
      case 'metrics': {
        const gauges = (): readonly MetricFamily[] => {
          const seen = pods()
          return [...podGauges(seen), ...volumeGauges(seen.worked)]
        }
        return [metrics, gauges, processMetrics, ...more]
      }
      case 'probes':
        return [() => probes.families(), () => [processStartTime()]]
      case 'slis':
        return [() => health.families(), () => [processStartTime()]]
      default:
        return path satisfies never
    }
  }
}
