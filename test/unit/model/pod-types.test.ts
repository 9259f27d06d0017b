import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { generatePodTypes } from './generate-pod-types.ts'

const file = new URL('../../../src/model/pod-types-text.ts', import.meta.url)

describe('src/model/pod-types-text.ts', () => {
  it('is what the models of client-node say; UPDATE=1 writes it anew', () => {
    const expected = generatePodTypes()
    if (process.env['UPDATE'] === '1') writeFileSync(file, expected)
    assert.equal(readFileSync(file, 'utf8'), expected)
  })
})
