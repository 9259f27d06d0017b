import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { containerEnvironment, expand } from '../../../src/translate/environment.ts'
import { aContainer } from '../../builders/pod.ts'

describe('expand', () => {
  const environment = new Map([
    ['NAME', 'value'],
    ['EMPTY', ''],
    ['MONEY', '$& $1 $$'],
    ['NESTED', '$(NAME)'],
  ])
  const cases: readonly (readonly [title: string, text: string, expanded: string])[] = [
    ['leaves text without a reference alone', 'plain', 'plain'],
    ['replaces a reference by its value', '<$(NAME)>', '<value>'],
    ['replaces every reference', '$(NAME)$(NAME)', 'valuevalue'],
    ['replaces a reference to an empty value by nothing', '<$(EMPTY)>', '<>'],
    ['leaves a reference to an unknown name as it is', '$(UNKNOWN)', '$(UNKNOWN)'],
    ['leaves a reference without a name as it is', '$()', '$()'],
    ['makes one dollar of two', '$$', '$'],
    ['makes a literal reference of one that is escaped', '$$(NAME)', '$(NAME)'],
    ['makes a dollar and a value of three dollars', '$$$(NAME)', '$value'],
    ['leaves a dollar before other characters alone', '$NAME ${NAME} $1', '$NAME ${NAME} $1'],
    ['leaves a dollar at the end alone', 'cost: 5$', 'cost: 5$'],
    ['leaves a reference that is never closed alone', '$(NAME', '$(NAME'],
    ['reads a reference up to its first closing bracket', '$(NAME$(NAME))', '$(NAME$(NAME))'],
    ['takes a value literally, whatever is in it', '$(MONEY)', '$& $1 $$'],
    ['does not expand what a value brings', '$(NESTED)', '$(NAME)'],
  ]
  for (const [title, text, expanded] of cases) {
    it(title, () => assert.equal(expand(text, environment), expanded))
  }
})

describe('containerEnvironment', () => {
  it('is empty for a container without variables', () => {
    assert.deepEqual(containerEnvironment(aContainer()), new Map())
  })

  it('lets a variable refer to those before it and not to itself or those after it', () => {
    const env = [
      { name: 'A', value: '1' },
      { name: 'B', value: '$(A)2 $(B) $(C)' },
      { name: 'C', value: '$(B)3' },
    ]
    assert.deepEqual(
      containerEnvironment(aContainer({ env })),
      new Map([
        ['A', '1'],
        ['B', '12 $(B) $(C)'],
        ['C', '12 $(B) $(C)3'],
      ]),
    )
  })

  it('lets the later of two variables of one name win', () => {
    const env = [
      { name: 'A', value: 'first' },
      { name: 'A', value: '$(A) and second' },
    ]
    assert.deepEqual(containerEnvironment(aContainer({ env })), new Map([['A', 'first and second']]))
  })

  it('makes an empty value of a variable without one', () => {
    assert.deepEqual(containerEnvironment(aContainer({ env: [{ name: 'A' }] })), new Map([['A', '']]))
  })

  it('leaves out a variable that gets its value from elsewhere', () => {
    const env = [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'status.podIP' } } }]
    assert.deepEqual(containerEnvironment(aContainer({ env })), new Map())
  })

  it('takes names and values as they are, equals signs and blanks included', () => {
    const env = [{ name: 'with blank: and', value: 'a=b "c"\n' }]
    assert.deepEqual(containerEnvironment(aContainer({ env })), new Map([['with blank: and', 'a=b "c"\n']]))
  })
})
