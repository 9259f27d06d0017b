import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { runFile } from './run-file.ts'

const staysOpen = 'setInterval(() => {}, 1000)\n'

describe('A file of tests', () => {
  it('that stays when its tests have passed is ended with what it has started, and the run fails, with its name', () => {
    // The runner waits for everybody who could still write.
    const child = "import { spawn } from 'node:child_process'\nspawn('sleep', ['86400'], { stdio: 'inherit' })\n"
    const [code, told] = runFile(`${child}it('passes', () => {})`, { TEST_END_SECONDS: '0.1' })
    assert.equal(code, 1, told)
    assert.match(told, /✔ passes/u)
    assert.match(told, /of-a-test\.test\.mjs is ended, 0\.1 s after its tests were over\. Open are: .*ProcessWrap/u)
    assert.match(told, /It has started: \d+ sleep 86400/u)
    assert.match(told, /failing tests:\n\ntest at .*of-a-test\.test\.mjs/u)
  })

  it('whose last hook never ends is ended', () => {
    const script = `${staysOpen}it('passes', () => {})\nafter(() => new Promise(() => {}))`
    const [code, told] = runFile(script, { TEST_END_SECONDS: '0.1' })
    assert.deepEqual([code, told.includes('s after its tests were over')], [1, true], told)
  })

  it('that never comes to its tests is ended', () => {
    const [code, told] = runFile(`${staysOpen}await new Promise(() => {})`, { TEST_FILE_SECONDS: '0.1' })
    assert.deepEqual([code, told.includes('s after it began')], [1, true], told)
  })

  it('that ends by itself passes', () => {
    const [code, told] = runFile("it('passes', () => {})")
    assert.equal(code, 0, told)
  })
})
