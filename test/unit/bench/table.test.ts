import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { single, summarize } from '../../bench/report/summary.ts'
import { format, formatRows, formatTable } from '../../bench/report/table.ts'
import { aRow } from './builders.ts'

describe('The table of the bench', () => {
  it('has a median, a spread, a ratio and a verdict for each row', () => {
    const row = aRow({ raw: single(200), peer: summarize([900, 1000]), goal: { kind: 'ratio', most: 1.15 } })
    const [head = '', line = ''] = formatRows([row]).split('\n')
    assert.match(head, /ours +p5–p95 +kubelet +p5–p95 +Docker alone +ours +kubelet +goal/u)
    assert.match(
      line,
      /^created → Ready +0\.250 s +0\.205 s–0\.295 s +0\.950 s .* 0\.200 s +1\.25 × +4\.75 × +≤ 1\.15 × +✗ missed$/u,
    )
  })

  it('leaves out columns in which nothing stands', () => {
    assert.equal(formatRows([aRow({ ours: single(5) })]), '                   ours\ncreated → Ready  5.0 ms')
  })

  it('says where the real kubelet is no worse', () => {
    assert.match(formatRows([aRow({ peer: single(1) })]), /kubelet is no worse/u)
  })

  it('indents what says more of the row above', () => {
    assert.match(formatRows([aRow(), aRow({ what: 'one of them', isDetail: true })]), /\n {2}one of them /u)
  })

  it('aligns the first column to the left and the others to the right', () => {
    assert.equal(
      formatTable([
        ['a', 'b'],
        ['long', '10'],
        ['x', '1'],
      ]),
      'a      b\nlong  10\nx      1',
    )
  })

  it('writes figures as people read them', () => {
    const written = [format(1.234, 'ms'), format(287, 'ms'), format(0.0391, 's of CPU'), format(0.1, '%')]
    assert.deepEqual(written, ['1.2 ms', '0.287 s', '0.039 s', '0.10 %'])
    assert.deepEqual([format(95.57, 'MB'), format(12, ''), format(1.25, '')], ['95.6 MB', '12', '1.25'])
  })
})
