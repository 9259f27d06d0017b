import { plainAnswer, sendAnswer } from '../answers.ts'
import { anyMethod, type Route } from '../route.ts'

export interface MetricsParts {
  /** The text of a scrape of the agent's own metrics, of its probes', of the checks of its health. */
  readonly text: (path: 'metrics' | 'probes' | 'slis') => Promise<string>
  /** What the checks of health have found so far counts no more. */
  readonly forgetHealth: () => void
}

/**
 * `/metrics`, `/metrics/probes`, `/metrics/slis`: what the agent counts and times of itself. A
 * DELETE of the last begins it anew.
 */
export function metricsRoutes({ text, forgetHealth }: MetricsParts): readonly Route[] {
  const paths = { '/metrics': 'metrics', '/metrics/probes': 'probes', '/metrics/slis': 'slis' } as const
  return Object.entries(paths).map(([pattern, path]) => ({
    methods: anyMethod,
    pattern,
    debugging: false,
    serve: async ({ request }, response) => {
      if (path === 'slis' && request.method === 'DELETE') {
        forgetHealth()
        sendAnswer(response, plainAnswer(200, 'metrics reset\n'))
        return
      }
      const { sendMetrics } = await import('./send-metrics.ts')
      await sendMetrics(request, response, await text(path))
    },
  }))
}
