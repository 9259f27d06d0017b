import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { measuredEngine } from '../../../../src/metrics/runtime/measured-engine.ts'
import { RuntimeOperations } from '../../../../src/metrics/runtime/runtime-operations.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { containerId } from '../../../../src/model/ids.ts'
import { FakeDocker } from '../../../fakes/fake-docker.ts'
import { FakeEngine } from '../../../fakes/fake-engine.ts'
import { metricLines } from '../../../support/metric-lines.ts'

const { signal } = new AbortController()

describe('An engine that is measured', () => {
  it('does what it did, and each call is counted and timed by what it is for', async () => {
    const measures = new RuntimeOperations()
    const engine = measuredEngine(new FakeEngine({ docker: new FakeDocker(), nodeName: 'node-1' }), measures)
    assert.deepEqual(await engine.list(signal), [])
    assert.equal(await engine.inspect(containerId('none'), signal), undefined)
    assert.deepEqual(await engine.list(signal), [])
    const lines = metricLines(measures.families())
    assert.ok(lines.includes('kubelet_runtime_operations_total{operation_type="list_containers"} 2'))
    assert.ok(lines.includes('kubelet_runtime_operations_total{operation_type="container_status"} 1'))
    assert.ok(lines.includes('kubelet_runtime_operations_duration_seconds_count{operation_type="list_containers"} 2'))
    assert.deepEqual(
      lines.filter((line) => line.includes('errors')),
      [],
    )
  })

  it('counts what Docker failed at, and not what the agent has ended itself', async () => {
    const measures = new RuntimeOperations()
    const engine = measuredEngine(new FakeEngine({ docker: new FakeDocker(), nodeName: 'node-1' }), measures)
    await assert.rejects(engine.start(containerId('none'), signal), (error) => KubeletError.is(error, 'not-found'))
    const ended = AbortSignal.abort()
    await assert.rejects(engine.start(containerId('none'), ended), (error) => KubeletError.is(error, 'aborted'))
    assert.deepEqual(metricLines(measures.families(), 'kubelet_runtime_operations_errors'), [
      'kubelet_runtime_operations_errors_total{operation_type="start_container"} 1',
    ])
  })

  it('gives streams as they are', () => {
    const measures = new RuntimeOperations()
    const engine = measuredEngine(new FakeEngine({ docker: new FakeDocker(), nodeName: 'node-1' }), measures)
    assert.equal(typeof engine.events(signal)[Symbol.asyncIterator], 'function')
    assert.deepEqual(metricLines(measures.families()), [])
  })
})
