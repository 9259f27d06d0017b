import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImageFact } from '../../../src/plan/pod-facts.ts'
import { pullTexts } from '../../../src/plan/pull-texts.ts'
import { imagesOf } from '../../builders/facts.ts'
import { aContainer, aPod } from '../../builders/pod.ts'

const progress = { layers: 2, layersDone: 1, downloadedBytes: 1_000_000, totalBytes: 2_000_000 }

it('says of each container whose image is on its way how far that is', () => {
  const containers = ['silent', 'ready', 'main'].map((name) => aContainer({ name }))
  const initContainers = [aContainer({ name: 'first', image: 'init:1' })]
  const pulling: ImageFact = { kind: 'pulling', after: undefined, progress }
  const images = new Map<string, ImageFact>([
    ...imagesOf('ready'),
    ['silent', { kind: 'pulling', after: undefined }],
    ['first', pulling],
    ['main', pulling],
    ['gone', pulling],
  ])
  assert.deepEqual(
    pullTexts(aPod({ spec: { initContainers, containers } }), { images }),
    new Map([
      ['first', 'Pulling image "init:1": 1 of 2 layers, 1.0MB of 2.0MB'],
      ['main', 'Pulling image "busybox:1.36": 1 of 2 layers, 1.0MB of 2.0MB'],
    ]),
  )
})
