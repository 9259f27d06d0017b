import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expositionText } from '../../../../src/metrics/exposition.ts'
import type { NodeReading } from '../../../../src/stats/reading.ts'
import { resourceMetrics } from '../../../../src/stats/texts/resource-metrics.ts'
import { aNodeReading, aPodReading, aRow, aUsage, measuredAtMs } from '../../../builders/usage.ts'

function samples(reading: NodeReading | undefined): readonly string[] {
  const text = expositionText(resourceMetrics(reading))
  return text.split('\n').filter((line) => line !== '' && !line.startsWith('#'))
}

describe('/metrics/resource', () => {
  it('has the figures of the node, its Pods and containers, each with the time at which it was measured', () => {
    const container = '{container="main",namespace="default",pod="web"}'
    const pod = '{namespace="default",pod="web"}'
    assert.deepEqual(samples(aNodeReading()), [
      `container_cpu_usage_seconds_total${container} 2.5 ${measuredAtMs}`,
      `container_memory_working_set_bytes${container} 50000 ${measuredAtMs}`,
      `container_start_time_seconds${container} 1.7952551405e+09`,
      `container_swap_usage_bytes${container} 7 ${measuredAtMs}`,
      `node_cpu_usage_seconds_total 2.5 ${measuredAtMs}`,
      `node_memory_working_set_bytes 50000 ${measuredAtMs}`,
      `node_swap_usage_bytes 7 ${measuredAtMs}`,
      `pod_cpu_usage_seconds_total${pod} 2.5 ${measuredAtMs}`,
      `pod_memory_working_set_bytes${pod} 50000 ${measuredAtMs}`,
      `pod_swap_usage_bytes${pod} 7 ${measuredAtMs}`,
      'resource_scrape_error 0',
    ])
  })

  it('says how stable each family is, and of which type', () => {
    const text = expositionText(resourceMetrics(aNodeReading()))
    assert.match(
      text,
      /^# HELP pod_cpu_usage_seconds_total \[STABLE\] Cumulative cpu time consumed by the pod in core-seconds$/mu,
    )
    assert.match(text, /^# TYPE pod_cpu_usage_seconds_total counter$/mu)
    assert.match(text, /^# HELP node_swap_usage_bytes \[ALPHA\] /mu)
    assert.match(text, /^# TYPE container_start_time_seconds gauge$/mu)
  })

  it('has the limit of swap where there is one', () => {
    const usage = aUsage(1, 1)
    const row = aRow('/c', { usage: { ...usage, memory: { ...usage.memory, swapLimit: 100 } } })
    const [main] = aPodReading().containers
    assert.ok(main !== undefined)
    const lines = samples(aNodeReading({ pods: [aPodReading({ containers: [{ ...main, row }] })] }))
    assert.ok(
      lines.includes(`container_swap_limit_bytes{container="main",namespace="default",pod="web"} 100 ${measuredAtMs}`),
    )
  })

  it('says that it has failed, and nothing else, when it has', () => {
    assert.deepEqual(samples(undefined), ['resource_scrape_error 1'])
  })
})
