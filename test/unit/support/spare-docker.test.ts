import assert from 'node:assert/strict'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { isAlive } from '../../support/is-alive.ts'
import { SpareDocker } from '../../support/spare-docker.ts'

it('A Docker of a test whose start fails midway is ended, even where its containers cannot be removed', async (t) => {
  const folder = await mkdtemp(join(tmpdir(), 'spare-'))
  t.after(() => rm(folder, { recursive: true, force: true }))
  const commands = {
    ip: 'exit 0',
    dockerd: `echo $$ >${folder}/pid; exec sleep 86400`,
    // It answers once its daemon is there, has a container that stays, and no image.
    docker: `case "$*" in *version*) [ -s ${folder}/pid ];; *ps*) echo stays;; *) echo "no $*" >&2; exit 1;; esac`,
  }
  for (const [name, script] of Object.entries(commands)) {
    await writeFile(join(folder, name), `#!/bin/sh\n${script}\n`)
    await chmod(join(folder, name), 0o755)
  }
  const { PATH, TMPDIR } = process.env
  t.after(() => Object.assign(process.env, { PATH, TMPDIR }))
  Object.assign(process.env, { PATH: `${folder}:${PATH}`, TMPDIR: folder })

  await assert.rejects(SpareDocker.start('nobody/has:this'), (error) => {
    assert.ok(error instanceof SuppressedError)
    assert.match(String(error.error), /no .*rm --force stays/u)
    assert.match(String(error.suppressed), /no save/u)
    return true
  })
  assert.equal(await isAlive(Number(await readFile(join(folder, 'pid'), 'utf8'))), false)
  const left = await readdir(folder)
  assert.deepEqual(left.toSorted(), ['docker', 'dockerd', 'ip', 'pid'])
})
