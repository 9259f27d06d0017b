import type { MetricFamily } from './metric-family.ts'
import { Counter } from './registry/counter.ts'
import { Histogram } from './registry/histogram.ts'
import { Gauge } from './registry/gauge.ts'

const [minute, hour, day] = [60, 3600, 86_400] as const
/** From a minute to four years. */
const ages = [minute, hour, 4 * hour, day, 7 * day, 30 * day, 90 * day, 180 * day, 360 * day, 1440 * day]

/** How long the agent's certificates are good for, and how their renewal goes (pkg/kubelet/certificate/kubelet.go). */
export class CertificateMetrics {
  readonly #expiries: Record<'server' | 'client', () => number | undefined> = {
    server: () => undefined,
    client: () => undefined,
  }
  readonly #serverErrors = new Counter({
    name: 'kubelet_server_expiration_renew_errors',
    help: 'How often the serving certificate could not be renewed.',
  })
  readonly #clientErrors = new Counter({
    name: 'kubelet_certificate_manager_client_expiration_renew_errors',
    help: 'How often the certificate for the API server could not be renewed.',
  })
  readonly #serverRotation = new Histogram({
    name: 'kubelet_certificate_manager_server_rotation_seconds',
    help: 'Seconds that serving certificates had been in use when they were replaced.',
    buckets: ages,
  })

  /** Says where to ask until when a certificate is good, epoch milliseconds; `undefined` while there is none. */
  watch(whose: 'server' | 'client', expiresAtMs: () => number | undefined): void {
    this.#expiries[whose] = expiresAtMs
  }

  renewalFailed(whose: 'server' | 'client'): void {
    const errors = { server: this.#serverErrors, client: this.#clientErrors }
    errors[whose].inc()
  }

  /** A new serving certificate has taken the place of one that was `ageMs` milliseconds old. */
  serverRotated(ageMs: number): void {
    this.#serverRotation.observe(ageMs / 1000)
  }

  families(nowMs: number): readonly MetricFamily[] {
    const ttl = (whose: 'server' | 'client', what: string): MetricFamily => {
      const help = `Seconds until ${what} is not good any more, negative when it is not now; infinite where there is none.`
      const gauge = new Gauge({ name: `kubelet_certificate_manager_${whose}_ttl_seconds`, help })
      const expiresAtMs = this.#expiries[whose]()
      gauge.set(expiresAtMs === undefined ? Number.POSITIVE_INFINITY : Math.trunc((expiresAtMs - nowMs) / 1000))
      return gauge.family()
    }
    return [
      ttl('server', 'the serving certificate'),
      ttl('client', 'the certificate for the API server'),
      this.#serverErrors.family(),
      this.#clientErrors.family(),
      this.#serverRotation.family(),
    ]
  }
}
