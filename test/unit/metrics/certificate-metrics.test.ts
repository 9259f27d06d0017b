import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { certificateMetrics, noCertificate } from '../../../src/metrics/certificate-metrics.ts'
import { nowMs } from '../../builders/observed.ts'
import { counted, metricLines } from '../../support/metric-lines.ts'

describe('What is told of certificates', () => {
  it('is how long they are good, in whole seconds, less than nothing when they are not, for ever where there is none', () => {
    const server = { ...noCertificate, expiresAtMs: nowMs + 90_500 }
    const lines = metricLines(certificateMetrics({ server, client: noCertificate }, nowMs))
    assert.ok(lines.includes('kubelet_certificate_manager_server_ttl_seconds 90'))
    assert.ok(lines.includes('kubelet_certificate_manager_client_ttl_seconds +Inf'))
    const late = metricLines(certificateMetrics({ server, client: noCertificate }, nowMs + 100_500))
    assert.ok(late.includes('kubelet_certificate_manager_server_ttl_seconds -10'))
  })

  it('is how often their renewal failed, and how old they were when it did not', () => {
    const server = { ...noCertificate, failures: 2, replacedAfterSeconds: [30, 7000] }
    const client = { ...noCertificate, failures: 1 }
    assert.deepEqual(counted(certificateMetrics({ server, client }, nowMs)), [
      'kubelet_certificate_manager_client_expiration_renew_errors 1',
      'kubelet_certificate_manager_client_ttl_seconds +Inf',
      'kubelet_certificate_manager_server_rotation_seconds_sum 7030',
      'kubelet_certificate_manager_server_rotation_seconds_count 2',
      'kubelet_certificate_manager_server_ttl_seconds +Inf',
      'kubelet_server_expiration_renew_errors 2',
    ])
  })
})
