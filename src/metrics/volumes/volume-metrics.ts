import type { VolumeSpec } from '../../model/kube.ts'
import type { MetricFamily } from '../metric-family.ts'
import { Histogram } from '../registry/histogram.ts'
import { pluginName } from './plugin-name.ts'

/** A volume of a Pod was set up, or brought up to date. */
export interface VolumeTiming {
  readonly volume: VolumeSpec
  readonly durationMs: number
  readonly failed: boolean
}

/** What was done with volumes (pkg/volume/util/metrics.go). */
export class VolumeMetrics {
  readonly #duration = new Histogram({
    name: 'storage_operation_duration_seconds',
    help: 'Seconds that something took that was done with a volume.',
    labels: ['volume_plugin', 'operation_name', 'status', 'migrated'],
    buckets: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 15, 25, 50, 120, 300, 600],
  })

  mounted({ volume, durationMs, failed }: VolumeTiming): void {
    const status = failed ? 'fail-unknown' : 'success'
    this.#duration.observe(durationMs / 1000, pluginName(volume), 'volume_mount', status, 'false')
  }

  families(): readonly MetricFamily[] {
    return [this.#duration.family()]
  }
}
