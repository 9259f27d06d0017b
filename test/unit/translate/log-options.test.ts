import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { logConfig } from '../../../src/translate/log-options.ts'

describe("Docker's options for the log of a container", () => {
  const logRotation = { maxBytes: 10_485_760, maxFiles: 5 }

  it('are size and number of its files, for drivers that have files', () => {
    for (const loggingDriver of ['json-file', 'local']) {
      const config = { Type: '', Config: { 'max-size': '10485760', 'max-file': '5' } }
      assert.deepEqual(logConfig({ logRotation, loggingDriver }), config)
    }
  })

  it('are none for drivers that write elsewhere, which would refuse them', () => {
    for (const loggingDriver of ['journald', 'syslog', 'none', 'fluentd', '']) {
      assert.equal(logConfig({ logRotation, loggingDriver }), undefined)
    }
  })

  it('are none where rotation is left to Docker', () => {
    assert.equal(logConfig({ logRotation: undefined, loggingDriver: 'json-file' }), undefined)
  })
})
