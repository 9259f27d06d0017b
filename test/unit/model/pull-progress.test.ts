import assert from 'node:assert/strict'
import { it } from 'node:test'
import { pullProgressText, type PullProgress } from '../../../src/model/pull-progress.ts'

it('the progress of a pull in words', () => {
  const cases: readonly (readonly [PullProgress, string])[] = [
    [
      { layers: 7, layersDone: 3, downloadedBytes: 41_230_000, totalBytes: 67_349_000 },
      'Pulling image "nginx": 3 of 7 layers, 41.2MB of 67.3MB',
    ],
    [
      { layers: 1, layersDone: 0, downloadedBytes: 0, totalBytes: undefined },
      'Pulling image "nginx": 0 of 1 layer, 0kB so far',
    ],
    [
      { layers: 2, layersDone: 1, downloadedBytes: 999_400, totalBytes: 1_250_000_000 },
      'Pulling image "nginx": 1 of 2 layers, 999kB of 1.3GB',
    ],
  ]
  for (const [progress, text] of cases) assert.equal(pullProgressText('nginx', progress), text)
})
