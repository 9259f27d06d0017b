import type { Route } from '../route.ts'

export interface MetricsParts {
  /** The text of a scrape of the agent's own metrics, of its probes', of the checks of its health. */
  readonly metricsText: (path: 'metrics' | 'probes' | 'slis') => Promise<string>
}

/** `/metrics`, `/metrics/probes`, `/metrics/slis`: what the agent counts and times of itself. */
export function metricsRoutes({ metricsText }: MetricsParts): readonly Route[] {
  const paths = { '/metrics': 'metrics', '/metrics/probes': 'probes', '/metrics/slis': 'slis' } as const
  return Object.entries(paths).map(([pattern, path]) => ({
    methods: ['GET'],
    pattern,
    debugging: false,
    serve: async ({ request }, response) => {
      const { sendMetrics } = await import('./send-metrics.ts')
      await sendMetrics(request, response, await metricsText(path))
    },
  }))
}
