import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { closestName } from '../../../src/util/closest-name.ts'

describe('closestName', () => {
  const names = ['max-pods', 'node-ip', 'v']

  it('finds the name with the fewest edits, whatever its case', () => {
    assert.equal(closestName('MaxPods', names), 'max-pods')
    assert.equal(closestName('noed-ip', names), 'node-ip')
  })

  it('finds the closest of several, the first of equally close ones', () => {
    assert.equal(closestName('cluster-dnn', ['cluster-din', 'cluster-dns', 'cluster-dnnn']), 'cluster-din')
    assert.equal(closestName('max-pads', ['mix-pids', 'max-pods']), 'max-pods')
  })

  it('finds none where more than a third would have to change', () => {
    assert.equal(closestName('pods', names), undefined)
    assert.equal(closestName('xyzzy-plugh', names), undefined)
  })
})
