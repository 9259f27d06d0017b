import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EventRecorder } from '../../../../src/cluster/event-recorder.ts'
import { podUid } from '../../../../src/model/ids.ts'
import type { PodEvent } from '../../../../src/model/pod-event.ts'
import { kubeEventReader, logReader } from '../../../../src/sync/reporting/event-readers.ts'
import type { Logger } from '../../../../src/util/log.ts'
import { FakeApiServer } from '../../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../../fakes/fake-cluster.ts'
import { nowMs } from '../../../builders/observed.ts'
import { aPodUid } from '../../../builders/pod.ts'

const pod = { uid: podUid(aPodUid), namespace: 'default', name: 'web' }
const started: PodEvent = {
  pod,
  atMs: nowMs,
  fieldPath: 'spec.containers{main}',
  kind: 'container-started',
  containerName: 'main',
  attempt: 2,
  durationMs: 7,
}
const failed: PodEvent = { pod, atMs: nowMs, kind: 'sandbox-failed', message: 'no space left on device' }
const noClusterDns: PodEvent = { pod, atMs: nowMs, kind: 'cluster-dns-missing' }
const created: PodEvent = { pod, atMs: nowMs, kind: 'sandbox-created', attempt: 0, durationMs: 5 }

/** A log, and what is written to it: level, message, fields. */
function listening(): { readonly log: Logger; readonly lines: (readonly [string, string, object | undefined])[] } {
  const lines: (readonly [string, string, object | undefined])[] = []
  const at = (level: string) => (message: string, fields?: object) => lines.push([level, message, fields])
  const log: Logger = {
    trace: at('trace'),
    debug: at('debug'),
    info: at('info'),
    warn: at('warn'),
    error: at('error'),
    child: () => log,
  }
  return { log, lines }
}

describe('the reader that logs', () => {
  it('writes each event with its Pod, as loud as it matters', () => {
    const { log, lines } = listening()
    for (const event of [started, failed, created]) logReader(log)(event)
    const who = { pod: 'default/web', uid: aPodUid }
    assert.deepEqual(lines, [
      ['info', 'container-started', { ...who, containerName: 'main', attempt: 2, durationMs: 7 }],
      ['warn', 'sandbox-failed', { ...who, message: 'no space left on device' }],
      ['debug', 'sandbox-created', { ...who, attempt: 0, durationMs: 5 }],
    ])
  })

  it('leaves what comes again and again to whoever debugs, and says how much of it there was', () => {
    const { log, lines } = listening()
    const read = logReader(log)
    for (let second = 0; second < 400; second += 1) {
      read({ ...failed, atMs: nowMs + second * 1000 })
      if (second === 100) read({ ...started, atMs: nowMs + second * 1000 })
    }
    const loud = lines.filter(([level]) => level !== 'debug')
    assert.deepEqual(
      loud.map(([level]) => level),
      [...Array.from({ length: 25 }, () => 'warn'), 'info', 'warn'],
    )
    assert.partialDeepStrictEqual(loud.at(-1)?.[2], { message: 'no space left on device', leftOut: 275 })
    assert.equal(lines.length, 401)
  })

  it('hears each Pod, and each of its containers, by itself', () => {
    const { log, lines } = listening()
    const read = logReader(log)
    for (let time = 0; time < 30; time += 1) {
      read(started)
      read({ ...started, fieldPath: 'spec.containers{other}' })
      read({ ...started, pod: { ...pod, uid: podUid('other') } })
    }
    assert.equal(lines.filter(([level]) => level === 'info').length, 75)
  })
})

describe('the reader that records Kubernetes Events', () => {
  it('records what is worth one, about the Pod or one of its containers, and the Node where it concerns that', async (t) => {
    const server = new FakeApiServer()
    const recorder = new EventRecorder({
      cluster: new FakeCluster({ server }),
      host: 'node-1',
      rate: { perSecond: 100, burst: 100 },
      onFault: (error) => assert.fail(error),
    })
    const read = kubeEventReader(recorder)
    for (const event of [created, failed, started, noClusterDns]) read(event)
    const end = new AbortController()
    t.after(() => end.abort())
    const running = recorder.run(end.signal)
    await recorder.flush(end.signal)
    end.abort()
    await running
    const object = { apiVersion: 'v1', kind: 'Pod', namespace: 'default', name: 'web', uid: aPodUid }
    assert.deepEqual(
      server.events
        .filter(({ reason }) => reason !== 'MissingClusterDNS')
        .map(({ involvedObject, type, reason, message }) => ({ involvedObject, type, reason, message })),
      [
        {
          involvedObject: object,
          type: 'Warning',
          reason: 'FailedCreatePodSandBox',
          message: 'Failed to create pod sandbox: no space left on device',
        },
        {
          involvedObject: { ...object, fieldPath: 'spec.containers{main}' },
          type: 'Normal',
          reason: 'Started',
          message: 'Container started',
        },
      ],
    )
    assert.deepEqual(
      server.events
        .filter(({ reason }) => reason === 'MissingClusterDNS')
        .map(({ involvedObject: { kind, name } }) => [kind, name]),
      [
        ['Node', 'node-1'],
        ['Pod', 'web'],
      ],
    )
  })
})
