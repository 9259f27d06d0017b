import assert from 'node:assert/strict'
import { it } from 'node:test'
import { goQuote } from '../../../src/util/go-quote.ts'

it('quotes a text as Go does', () => {
  const cases: readonly (readonly [text: string, quoted: string])[] = [
    ['', '""'],
    ['plain é 日 😀', '"plain é 日 😀"'],
    ['"\\', String.raw`"\"\\"`],
    ['\u0007\b\f\n\r\t\v', String.raw`"\a\b\f\n\r\t\v"`],
    ['\u0000\u001f\u007f', String.raw`"\x00\x1f\x7f"`],
    ['\u0085\u00a0\ufeff', String.raw`"\u0085\u00a0\ufeff"`],
    ['\u{e0001}', String.raw`"\U000e0001"`],
  ]
  for (const [text, quoted] of cases) assert.equal(goQuote(text), quoted)
})
