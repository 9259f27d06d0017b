import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import type { FieldRow } from '../../../src/plan/field-row.ts'
import { podFields } from '../../../src/plan/pod-fields.ts'
import { volumeSource } from '../../../src/translate/volumes/volume-source.ts'
import { aPod } from '../../builders/pod.ts'
import { apiTypes } from './api-types.ts'
import { renderPodFields } from './render-pod-fields.ts'

const types = apiTypes()
const rows = podFields.flatMap((group) => group.rows)
const page = new URL('../../../docs/pod-fields.md', import.meta.url)

/** The rows about a field: there should be one. */
function rowsOf(type: string, field: string): readonly FieldRow[] {
  return rows.filter(({ of, fields }) => of.split(' ').includes(type) && fields.split(' ').includes(field))
}

/** Every field that the table has to speak of: of the Pod, and of what is in fields that are done at least in part. */
function owed(): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, readonly string[]>()
  const todo = ['Pod']
  for (let type = todo.shift(); type !== undefined; type = todo.shift()) {
    if (found.has(type)) continue
    const fields = types.get(type) ?? []
    const names = fields.map(({ name }) => name)
    found.set(type, names)
    const isOpen = ({ is, when }: FieldRow): boolean => is === 'done' || is === 'partly' || when !== undefined
    for (const { name, inner } of fields) if (inner !== undefined && rowsOf(type, name).some(isOpen)) todo.push(inner)
  }
  return found
}

describe('The table of fields', () => {
  it('has every field of the API once, as far as it is in a field that is done', () => {
    const wrong = [...owed()].flatMap(([type, names]) =>
      names.flatMap((name) => {
        const { length } = rowsOf(type, name)
        return length === 1 ? [] : [`${type}.${name} ${length === 0 ? 'is missing' : 'is there twice'}`]
      }),
    )
    assert.deepEqual(wrong, [])
  })

  it('has nothing that is not in the API, nor in a field that is not done', () => {
    const reached = owed()
    const wrong = rows.flatMap(({ of, fields }) => {
      const members = of.split(' ').map((type) => [type, reached.get(type) ?? []] as const)
      return [
        ...members.flatMap(([type, names]) => (names.some((name) => fields.split(' ').includes(name)) ? [] : [type])),
        ...fields.split(' ').filter((field) => !members.some(([, names]) => names.includes(field))),
      ]
    })
    assert.deepEqual(wrong, [])
  })

  it('says why a field is not done', () => {
    assert.deepEqual(
      rows.filter(({ is, why }) => (is === 'done') === (why !== undefined)),
      [],
    )
  })

  it('knows which volumes can be mounted', () => {
    const paths = { root: '/var/lib/kubelet', podLogs: '/var/log/pods' }
    for (const name of owed().get('Volume') ?? []) {
      if (name === 'name') continue
      const { kind } = volumeSource(aPod(), { name: 'v', [name]: {} }, paths)
      if (kind === 'unsupported') assert.equal(rowsOf('Volume', name)[0]?.is, 'unmounted', name)
    }
  })
})

describe('docs/pod-fields.md', () => {
  it('is what the table says; UPDATE=1 writes it anew', () => {
    const expected = renderPodFields(types)
    if (process.env['UPDATE'] === '1') writeFileSync(page, expected)
    assert.equal(readFileSync(page, 'utf8'), expected)
  })
})
