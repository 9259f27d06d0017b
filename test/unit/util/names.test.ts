import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { labelFault, labelValueFault, qualifiedNameFault, subdomainFault } from '../../../src/util/names.ts'

function accepted(check: (name: string) => string | undefined, names: readonly string[]): readonly string[] {
  return names.filter((name) => check(name) === undefined)
}

describe('names', () => {
  it('as labels have no dots', () => {
    assert.deepEqual(accepted(labelFault, ['a', 'a-1', '1a', 'a.b', 'A', '-a', 'a-', '', 'a_b', 'a'.repeat(64)]), [
      'a',
      'a-1',
      '1a',
    ])
  })

  it('as subdomains are labels with dots', () => {
    const names = ['a', 'a.b', 'a-1.b2', 'a..b', '.a', 'a.', 'A.b', '', 'a'.repeat(254)]
    assert.deepEqual(accepted(subdomainFault, names), ['a', 'a.b', 'a-1.b2'])
  })

  it('as keys may have a prefix', () => {
    const names = ['a', 'A_b.c', 'example.com/a', 'a/', '/a', 'a/b/c', 'Ex.com/a', '-a', '']
    assert.deepEqual(accepted(qualifiedNameFault, names), ['a', 'A_b.c', 'example.com/a'])
  })

  it('as label values may be empty', () => {
    assert.deepEqual(accepted(labelValueFault, ['', 'a', 'A.b_c-1', 'a b', '-a', 'a/b']), ['', 'a', 'A.b_c-1'])
  })
})
