import assert from 'node:assert/strict'
import { readFileSync, writeFileSync } from 'node:fs'
import { describe, it } from 'node:test'
import { renderFlagsMarkdown, renderHelp } from '../../../src/config/help.ts'
import { settingList } from '../../../src/config/settings/settings.ts'

const flagsPage = new URL('../../../docs/flags.md', import.meta.url)

describe('renderHelp', () => {
  it('names every flag once, with its default', () => {
    const lines = renderHelp().split('\n')
    for (const { flag } of settingList) {
      if (flag === undefined) continue
      const entries = lines.filter((line) => line === `  --${flag}` || line.startsWith(`  --${flag} `))
      assert.equal(entries.length, 1, flag)
    }
    assert.ok(lines.includes('  --cleanup-on-exit'))
    assert.ok(lines.includes('  --max-pods NUMBER'))
    assert.ok(lines.includes('        How many Pods may run at once (default: 110)'))
  })

  it('fits a terminal of 120 columns', () => {
    assert.deepEqual(
      renderHelp()
        .split('\n')
        .filter((line) => line.length > 120),
      [],
    )
  })
})

describe('docs/flags.md', () => {
  it('is what the settings say; UPDATE=1 writes it anew', () => {
    const expected = renderFlagsMarkdown()
    if (process.env['UPDATE'] === '1') writeFileSync(flagsPage, expected)
    assert.equal(readFileSync(flagsPage, 'utf8'), expected)
  })
})
