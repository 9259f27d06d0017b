import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { readYaml, type SourceDocument } from '../../../src/util/yaml-source.ts'

function documents(text: string): readonly SourceDocument[] {
  const source = readYaml(text)
  assert.equal(source.kind, 'documents')
  return source.documents
}

function values(text: string): readonly unknown[] {
  return documents(text).map(({ value }) => value)
}

describe('readYaml', () => {
  it('reads values as kubectl does: octal modes, yes and no, but no times and no base 60', () => {
    const text = 'mode: 0644\nyes: yes\nwhen: 2020-01-01T00:00:00Z\nport: 22:30\nbig: 1_000\n'
    assert.deepEqual(values(text), [{ mode: 420, true: true, when: '2020-01-01T00:00:00Z', port: '22:30', big: 1000 }])
  })

  it('merges maps with <<', () => {
    assert.deepEqual(values('a: &x { b: 1 }\nc:\n  <<: *x\n  d: 2\n'), [{ a: { b: 1 }, c: { b: 1, d: 2 } }])
  })

  it('reads JSON, with tabs too', () => {
    assert.deepEqual(values('{\n\t"a": {\n\t\t"b": [1, "x"]\n\t}\n}\n'), [{ a: { b: [1, 'x'] } }])
  })

  it('leaves out documents without content', () => {
    assert.deepEqual(values('---\n# nothing\n---\na: 1\n---\n'), [{ a: 1 }])
    assert.deepEqual(values(''), [])
  })

  it('finds the line of a path, or of the deepest part of it that is there', () => {
    const [document] = documents('a: 1\nlist:\n  - b: 1\n    c:\n      d: 2\n  - 7\n')
    assert.ok(document)
    const lines = [
      [],
      ['a'],
      ['list'],
      ['list', 0],
      ['list', 0, 'c', 'd'],
      ['list', 1],
      ['list', 0, 'q'],
      ['no', 'way'],
    ]
    assert.deepEqual(
      lines.map((path) => document.lineOf(path)),
      [1, 1, 2, 3, 5, 6, 3, 1],
    )
  })

  it('counts lines over several documents', () => {
    assert.deepEqual(
      documents('a: 1\n---\nb: 2\n').map((document) => document.lineOf(['b'])),
      [1, 3],
    )
  })

  it('names the line of what is no YAML', () => {
    const message = 'Flow sequence in block collection must be sufficiently indented and end with a ]'
    const source = readYaml('a: 1\nb: [1, 2\nc: 3\n')
    assert.equal(source.kind, 'faults')
    assert.deepEqual(source.faults[0], { line: 3, message })
  })

  it('refuses keys that come twice, and aliases that lead nowhere', () => {
    const twice = readYaml('a: 1\na: 2\n')
    assert.deepEqual(twice, { kind: 'faults', faults: [{ line: 2, message: 'Map keys must be unique' }] })
    assert.equal(readYaml('a: *nobody\n').kind, 'faults')
  })

  it('refuses aliases that would expand without end', () => {
    const bomb = ['a0: &a0 [x,x,x,x,x,x,x,x,x]']
    for (let i = 1; i < 9; i++) bomb.push(`a${i}: &a${i} [${Array.from({ length: 9 }, () => `*a${i - 1}`).join(',')}]`)
    assert.equal(readYaml(bomb.join('\n')).kind, 'faults')
  })
})
