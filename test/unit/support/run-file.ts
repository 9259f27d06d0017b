import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { repositoryPath } from '../../support/command.ts'

/**
 * How Node's runner, guarded as in package.json, fares with a file of tests, called `of-a-test.test.mjs`: its exit code and
 * what it prints.
 */
export function runFile(
  script: string,
  environment: Readonly<Record<string, string>> = {},
): readonly [number | null, string] {
  const folder = mkdtempSync(join(tmpdir(), 'guarded-'))
  try {
    const file = join(folder, 'of-a-test.test.mjs')
    writeFileSync(file, `import { after, it } from 'node:test'\n${script}`)
    const args = ['--import', repositoryPath('test/support/file-guard.ts'), '--test', '--test-reporter=spec', file]
    // With it the runner would take itself for a file.
    const { NODE_TEST_CONTEXT: _, ...env } = process.env
    const { status, stdout } = spawnSync(process.execPath, args, {
      env: { ...env, NO_COLOR: '1', ...environment },
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
