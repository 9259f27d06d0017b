import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { byteRange, contentType, listingPage } from '../../../../src/server/info/file-listing.ts'

describe('what is shown of folders and files', () => {
  it('is a page of links, with nothing in it that a name could do', () => {
    const names = ['b.log', 'a b', 'ü', '<script>', 'a:b', '"x"&']
    const page = listingPage([...names.map((name) => ({ name, isFolder: false })), { name: 'pods', isFolder: true }])
    assert.equal(
      page,
      [
        '<!doctype html>',
        '<meta name="viewport" content="width=device-width">',
        '<pre>',
        '<a href="%22x%22%26">&#34;x&#34;&amp;</a>',
        '<a href="%3Cscript%3E">&lt;script&gt;</a>',
        '<a href="a%20b">a b</a>',
        '<a href="./a%3Ab">a:b</a>',
        '<a href="b.log">b.log</a>',
        '<a href="pods/">pods/</a>',
        '<a href="%C3%BC">ü</a>',
        '</pre>',
        '',
      ].join('\n'),
    )
  })

  const part = (first: number, last: number) => ({ kind: 'part', first, last })
  const ranges: readonly (readonly [header: string | undefined, range: object])[] = [
    [undefined, { kind: 'all' }],
    ['bytes=0-0', part(0, 0)],
    ['bytes=2-5', part(2, 5)],
    ['bytes=2-', part(2, 9)],
    ['bytes=2-99', part(2, 9)],
    ['bytes=-3', part(7, 9)],
    ['bytes=-99', part(0, 9)],
    ['bytes=10-', { kind: 'none' }],
    ['bytes=-0', { kind: 'none' }],
    ['bytes=5-2', { kind: 'all' }],
    ['bytes=-', { kind: 'all' }],
    ['bytes=0-1,4-5', { kind: 'all' }],
    ['lines=1-2', { kind: 'all' }],
  ]
  for (const [header, range] of ranges) {
    it(`is by "Range: ${header ?? ''}" of ten bytes ${JSON.stringify(range)}`, () =>
      assert.deepEqual(byteRange(header, 10), range))
  }

  it('is text where it holds text, and never a page of its own', () => {
    assert.equal(contentType(Buffer.from('<html><script>')), 'text/plain; charset=utf-8')
    assert.equal(contentType(Buffer.from('')), 'text/plain; charset=utf-8')
    assert.equal(contentType(Buffer.from([0x1f, 0x8b, 8, 0])), 'application/x-gzip')
    assert.equal(contentType(Buffer.from('wtmp\0\0')), 'application/octet-stream')
  })
})
