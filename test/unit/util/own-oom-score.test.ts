import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'
import { setOwnOomScore } from '../../../src/util/own-oom-score.ts'

it('A process sets its own OOM score, or says why not', async () => {
  const before = Number(await readFile('/proc/self/oom_score_adj', 'utf8'))
  // More is everybody's to set.
  assert.equal(await setOwnOomScore(before + 1), undefined)
  assert.equal(Number(await readFile('/proc/self/oom_score_adj', 'utf8')), before + 1)
  assert.match((await setOwnOomScore(2000)) ?? '', /^EINVAL/u)
})
