import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { watch } from 'node:fs'
import { readdir, readFile, readlink } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { writeAtomically } from '../../../src/volume/atomic-writer.ts'
import { diskCalls } from '../../../src/volume/file-calls.ts'
import { payloadOf } from '../../support/payloads.ts'
import { filesOfRound } from './files-of-round.ts'
import { temporaryFolder } from './temporary-folder.ts'

/** One process is killed when the first thing moves in the volume, the next at the second, and so on. */
const kills = 12

/** Writes the volume over and over in a process that is killed in the middle of that. */
async function writeAndKill(volume: string, afterMoves: number): Promise<void> {
  const watcher = watch(volume)
  const child = spawn(process.execPath, [join(import.meta.dirname, 'write-for-ever.ts'), volume], {
    stdio: ['ignore', 'ignore', 'inherit'],
  })
  let moves = 0
  watcher.on('change', () => {
    moves += 1
    if (moves === afterMoves) child.kill('SIGKILL')
  })
  await once(child, 'exit')
  watcher.close()
}

async function filesBelow(folder: string, at = ''): Promise<Readonly<Record<string, string>>> {
  const files: Record<string, string> = {}
  for (const entry of await readdir(join(folder, at), { withFileTypes: true })) {
    const path = join(at, entry.name)
    if (entry.isDirectory()) Object.assign(files, await filesBelow(folder, path))
    else files[path] = await readFile(join(folder, path), 'utf8')
  }
  return files
}

describe('a writer of files that is killed', () => {
  it('leaves the files of one write, all of them and no others, whenever that is; the next removes what it left', async (test) => {
    const volume = await temporaryFolder(test)
    await writeAtomically(volume, payloadOf(filesOfRound(0)), {
      fsGroup: undefined,
      calls: diskCalls,
      signal: test.signal,
    })
    for (let kill = 0; kill < kills; kill += 1) {
      await writeAndKill(volume, 1 + kill)
      const data = join(volume, '..data')
      const files = await filesBelow(data)
      const round = Number(Object.values(files)[0])
      assert.deepEqual(files, filesOfRound(round))
      const next = filesOfRound(round + 1)
      await writeAtomically(volume, payloadOf(next), { fsGroup: 4321, calls: diskCalls, signal: test.signal })
      assert.deepEqual(await filesBelow(data), next)
      const visible = new Set(Object.keys(next).map((path) => path.split('/')[0]))
      assert.deepEqual(new Set(await readdir(volume)), new Set([...visible, '..data', await readlink(data)]))
    }
  })
})
