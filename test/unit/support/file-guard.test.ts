import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryPath } from '../../support/command.ts'

/** How Node's runner, guarded as in package.json, fares with a file of tests: its exit code and what it prints. */
function runFile(script: string, seconds: Readonly<Record<string, string>>): readonly [number | null, string] {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'))
  try {
    const file = join(folder, 'of-a-test.test.mjs')
    writeFileSync(file, `import { after, it } from 'node:test'\nimport { spawn } from 'node:child_process'\n${script}`)
    const args = ['--import', repositoryPath('test/support/file-guard.ts'), '--test', '--test-reporter=spec', file]
    // With it the runner would take itself for a file.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout } = spawnSync(process.execPath, args, {
      env: { ...env, NO_COLOR: '1', ...seconds },
      encoding: 'utf8',
      // Only ends what a guard that does not work would leave.
      timeout: 60_000,
      killSignal: 'SIGKILL',
    })
    return [status, stdout]
  } finally {
    rmSync(folder, { recursive: true })
  }
}

const staysOpen = 'setInterval(() => {}, 1000)\n'

describe('A file of tests', () => {
  it('that stays when its tests have passed is ended with what it has started, and the run fails, with its name', () => {
    // The runner waits for everybody who could still write.
    const child = "spawn('sleep', ['86400'], { stdio: 'inherit' })\n"
    const [code, told] = runFile(`${child}it('passes', () => {})`, { TEST_END_SECONDS: '0.1' })
    assert.equal(code, 1, told)
    assert.match(told, /✔ passes/u)
    assert.match(told, /of-a-test\.test\.mjs is ended, 0\.1 s after its tests were over\. Open are: .*ProcessWrap/u)
    assert.match(told, /It has started: \d+ sleep 86400/u)
    assert.match(told, /failing tests:\n\ntest at .*of-a-test\.test\.mjs/u)
  })

  it('whose last hook never ends is ended', () => {
    const [code, told] = runFile(`${staysOpen}it('passes', () => {})\nafter(() => new Promise(() => {}))`, {
      TEST_END_SECONDS: '0.1',
    })
    assert.deepEqual([code, told.includes('s after its tests were over')], [1, true], told)
  })

  it('that never comes to its tests is ended', () => {
    const [code, told] = runFile(`${staysOpen}await new Promise(() => {})`, { TEST_FILE_SECONDS: '0.1' })
    assert.deepEqual([code, told.includes('s after it began')], [1, true], told)
  })

  it('that ends by itself passes', () => {
    const [code, told] = runFile("it('passes', () => {})", {})
    assert.equal(code, 0, told)
  })
})
