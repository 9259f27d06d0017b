import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { formatTimeline, readSteps, timeline, type Step } from '../../bench/report/timeline.ts'

const mark = { pod: 'p', createdAtMs: 1000, readyAtMs: 1300, deletedAtMs: 2000, goneAtMs: 2200 }

function step(kind: string, atMs: number, durationMs?: number, pod = 'p'): Step {
  return { pod, kind, atMs, durationMs }
}

describe('The steps of a Pod', () => {
  it('are read from the lines of the log that are about a Pod', () => {
    const lines = [
      '{"level":"debug","time":"1970-01-01T00:00:01.100Z","pod":"space/p","durationMs":40,"msg":"sandbox-created"}',
      '{"level":"info","time":"1970-01-01T00:00:01.000Z","msg":"Starting minikubelet"}',
      '[1:0x1] 5000 ms: Mark-Compact 21.3 (30.1) -> 15.2 (29.8) MB',
      '',
    ]
    assert.deepEqual(readSteps(lines.join('\n')), [step('sandbox-created', 1100, 40)])
  })

  it('begin and end by the time of the request, in their order', () => {
    const steps = [step('sandbox-started', 1250, 130), step('sandbox-created', 1100, 40)]
    assert.deepEqual(timeline(steps, [mark], 'start'), [
      { what: 'sandbox-created', beginsMs: 60, endsMs: 100, count: 1 },
      { what: 'sandbox-started', beginsMs: 120, endsMs: 250, count: 1 },
      { what: 'seen Ready by the client', beginsMs: 300, endsMs: 300, count: 1 },
    ])
  })

  it('belong to the start until the deletion, and to the end after it', () => {
    const steps = [step('status-sent', 1200), step('container-killed', 2100, 50)]
    const [killed] = timeline(steps, [mark], 'end')
    assert.deepEqual(killed, { what: 'container-killed', beginsMs: 50, endsMs: 100, count: 1 })
  })

  it('that come twice have a line each', () => {
    const kinds = timeline([step('status-sent', 1100), step('status-sent', 1200)], [mark], 'start').map(
      ({ what }) => what,
    )
    assert.deepEqual(kinds, ['status-sent', 'status-sent (2)', 'seen Ready by the client'])
  })

  it('are medians over the Pods', () => {
    const marks = [mark, { ...mark, pod: 'q' }, { ...mark, pod: 'r' }]
    const steps = [
      step('pod-seen', 1010),
      step('pod-seen', 1020, undefined, 'q'),
      step('pod-seen', 1090, undefined, 'r'),
    ]
    assert.deepEqual(timeline(steps, marks, 'start')[0], { what: 'pod-seen', beginsMs: 20, endsMs: 20, count: 3 })
  })

  it('are a table of their times', () => {
    const text = formatTimeline('start', timeline([step('sandbox-created', 1100, 40)], [mark], 'start'))
    assert.match(text, /^start +begins +ends +takes +Pods\nsandbox-created +60\.0 ms +0\.100 s +40\.0 ms +1\n/u)
  })
})
