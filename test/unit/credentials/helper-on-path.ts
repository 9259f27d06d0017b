import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import type { TestContext } from 'node:test'

/** A credential helper of this name, a shell script, is on PATH until the test ends. */
export async function helperOnPath(test: TestContext, name: string, script: string): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'minikubelet-helper-'))
  await writeFile(join(folder, `docker-credential-${name}`), `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  const before = process.env['PATH']
  process.env['PATH'] = `${folder}${delimiter}${before ?? ''}`
  test.after(async () => {
    process.env['PATH'] = before
    await rm(folder, { recursive: true })
  })
}
