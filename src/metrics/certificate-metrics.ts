import type { MetricFamily } from './metric-family.ts'
import { Counter } from './registry/counter.ts'
import { Gauge } from './registry/gauge.ts'
import { Histogram } from './registry/histogram.ts'

/** A certificate of the agent's at the moment of a scrape. */
export interface CertificateSeen {
  /** Until when it is good, epoch milliseconds; `undefined` where there is none. */
  readonly expiresAtMs: number | undefined
  /** Tries to get a new one that came to nothing. */
  readonly failures: number
  /** How old each one was that was replaced. */
  readonly replacedAfterSeconds: readonly number[]
}

export interface CertificatesSeen {
  /** What the agent is called with, and what it calls the API server with. */
  readonly server: CertificateSeen
  readonly client: CertificateSeen
}

export const noCertificate: CertificateSeen = { expiresAtMs: undefined, failures: 0, replacedAfterSeconds: [] }

const [minute, hour, day] = [60, 3600, 86_400] as const
/** From a minute to four years. */
const ages = [minute, hour, 4 * hour, day, 7 * day, 30 * day, 90 * day, 180 * day, 360 * day, 1440 * day]

/** How long the agent's certificates are good for, and how their renewal goes (pkg/kubelet/certificate/kubelet.go). */
export function certificateMetrics({ server, client }: CertificatesSeen, nowMs: number): readonly MetricFamily[] {
  return [
    timeLeft('server', 'the serving certificate', server, nowMs),
    timeLeft('client', 'the certificate for the API server', client, nowMs),
    failures('kubelet_server_expiration_renew_errors', 'the serving certificate', server),
    failures(
      'kubelet_certificate_manager_client_expiration_renew_errors',
      'the certificate for the API server',
      client,
    ),
    rotations(server),
  ]
}

function timeLeft(whose: string, what: string, { expiresAtMs }: CertificateSeen, nowMs: number): MetricFamily {
  const gauge = new Gauge({
    name: `kubelet_certificate_manager_${whose}_ttl_seconds`,
    help: `Seconds until ${what} is not good any more, negative when it is not now; infinite where there is none.`,
  })
  gauge.set(expiresAtMs === undefined ? Number.POSITIVE_INFINITY : Math.trunc((expiresAtMs - nowMs) / 1000))
  return gauge.family()
}

function failures(name: string, what: string, seen: CertificateSeen): MetricFamily {
  const counter = new Counter({ name, help: `How often ${what} could not be renewed.` })
  counter.add(seen.failures)
  return counter.family()
}

function rotations({ replacedAfterSeconds }: CertificateSeen): MetricFamily {
  const histogram = new Histogram({
    name: 'kubelet_certificate_manager_server_rotation_seconds',
    help: 'Seconds that serving certificates had been in use when they were replaced.',
    buckets: ages,
  })
  for (const seconds of replacedAfterSeconds) histogram.observe(seconds)
  return histogram.family()
}
