import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { expand } from '../../../../src/translate/environment/expand.ts'

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

it('takes the first of several environments that has a name', () => {
  const [one, other] = [
    new Map([['A', '1']]),
    new Map([
      ['A', '2'],
      ['B', '3'],
    ]),
  ]
  assert.equal(expand('$(A)$(B)$(C)', one, other), '13$(C)')
})
