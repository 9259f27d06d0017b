import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { EnvFileReader } from '../../../../src/translate/environment/env-file-reader.ts'

/** What a file of these lines says of `KEY`, or what is wrong with it. */
function read(...lines: readonly string[]): string {
  const reader = new EnvFileReader('KEY')
  try {
    for (const line of lines) {
      const value = reader.take(line)
      if (value !== undefined) return value
    }
    return reader.end()
  } catch (error) {
    return error instanceof Error ? error.message.replace('invalid environment variable format at ', '') : ''
  }
}

const cases: readonly (readonly [title: string, lines: readonly string[], result: string])[] = [
  ['a value in quotes', ["KEY='value'"], 'value'],
  ['the first of two', ["KEY='one'", "KEY='two'"], 'one'],
  ['nothing where it is not', ["OTHER='value'"], ''],
  ['nothing of an empty file', [], ''],
  ['a name behind blanks, past comments and empty lines', ['', '  \t', '# KEY=1', '  #x', " \tKEY='value'"], 'value'],
  ['what is in the quotes as it is', ['KEY=\' $HOME \\n "x" # y = \''], ' $HOME \\n "x" # y = '],
  ['a comment behind the quote', ["KEY='value'   # why"], 'value'],
  ['a value over several lines, comments and empty lines included', ["KEY='a", '# b', '', "c'"], 'a\n# b\n\nc'],
  ['the value behind one of several lines', ["OTHER='a", 'KEY=', "b'", "KEY='value'"], 'value'],
  ['an empty value', ["KEY=''"], ''],
  ['an empty value where a blank stands before the quote', ["KEY= 'value'"], ''],
  ['the value behind such an entry', ["OTHER= 'value'", "KEY='value'"], 'value'],
  ['a name that has an odd character', ["KEY.x='no'", "KEY='value'"], 'value'],
  ['its value whatever stands behind it', ["KEY='value'", 'rubbish'], 'value'],
  ['a fault: no equals sign', ["A='1'", 'rubbish', "KEY='value'"], "line 2: missing '='"],
  ['a fault: no name', ["='value'"], 'line 1: empty variable name'],
  ['a fault: a blank before the equals sign', ["KEY ='value'"], "line 1: whitespace before '=' is not allowed"],
  ['a fault: no quotes', ['KEY=value'], 'line 1: value must be enclosed in single quotes'],
  ['a fault: double quotes', ['KEY="value"'], 'line 1: value must be enclosed in single quotes'],
  ['a fault: something behind the quote', ["KEY='a'b"], 'line 1: unexpected content after closing quote'],
  ['a fault: a quote that is never closed', ["KEY='a", 'b'], 'line 2: unclosed single quote'],
  ['a fault: a value that has no end', ["KEY='a", 'x'.repeat(1024 * 1024)], 'line 2: the value is too long'],
]

describe('a file of variables gives', () => {
  for (const [title, lines, result] of cases) it(title, () => assert.equal(read(...lines), result))
})
