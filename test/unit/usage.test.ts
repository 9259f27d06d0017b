import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import { describe, it } from 'node:test'
import { repositoryPath } from '../support/command.ts'

const scripts = readdirSync(repositoryPath('hack')).filter((name) => name.endsWith('.sh') && name !== 'lib.sh')
/** What people start, and how its usage begins. */
const programs: readonly (readonly [path: string, usage: RegExp])[] = [
  ['src/main.ts', /--kubeconfig/u],
  ['test/bench/bench.ts', /^npm run bench -- \[options\]/u],
  ['test/chaos/chaos.ts', /^npm run chaos -- \[options\]/u],
  ...scripts.map((name) => [`hack/${name}`, new RegExp(`^ *hack/${name}`, 'mu')] as const),
]

function start(path: string, ...args: readonly string[]) {
  const program = path.endsWith('.sh') ? 'bash' : process.execPath
  return spawnSync(program, [repositoryPath(path), ...args], { encoding: 'utf8', timeout: 60_000 })
}

describe('Whoever starts it', () => {
  for (const [path, usage] of programs) {
    it(`is answered by ${basename(path)} when he asks for help, and told when he does not know how`, () => {
      const asked = start(path, '--help')
      assert.deepEqual([asked.status, asked.stderr], [0, ''])
      assert.match(asked.stdout, usage)
      const wrong = start(path, '--no-such-flag')
      assert.deepEqual([wrong.status, wrong.stdout], [2, ''])
      assert.match(wrong.stderr, path.endsWith('.sh') ? usage : /--no-such-flag/u)
    })
  }
})
