import { open, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { run } from '../../../support/command.ts'
import type { ChaosBed, Fault } from '../../fault.ts'

/** What is written at a time. */
const blockBytes = 1024 * 1024
/** No node has more files than this. */
const manyInodes = 1_000_000

/** The root directory takes nothing more: no bytes, no files, or no writing at all. */
export const filledRoot: readonly Fault[] = [
  lasting('root-full', fill),
  // Whoever starts has to put up with it as well as whoever runs.
  lasting('root-full-at-start', fill, true),
  lasting('root-out-of-inodes', takeInodes),
  lasting('root-read-only', makeReadOnly),
  lasting('root-read-only-at-start', makeReadOnly, true),
]

function lasting(name: string, begin: (root: string) => Promise<AsyncDisposable>, atStart = false): Fault {
  return {
    name,
    inject: async (bed, _, signal) => {
      await using stack = new AsyncDisposableStack()
      stack.use(await begin(bed.folders.root))
      if (atStart) await startAgain(bed)
      await delay(bed.faultMs, undefined, { signal })
      return stack.move()
    },
  }
}

async function startAgain({ agent }: ChaosBed): Promise<void> {
  await agent.kill9()
  agent.start()
}

/** Takes every byte that is left. */
async function fill(root: string): Promise<AsyncDisposable> {
  const path = join(root, 'ballast')
  const file = await open(path, 'w')
  try {
    for (let size = blockBytes; size >= 1;) {
      const written = await file.write(Buffer.alloc(size)).then(
        ({ bytesWritten }) => bytesWritten === size,
        () => false,
      )
      if (!written) size = Math.floor(size / 16)
    }
  } finally {
    await file.close()
  }
  return { [Symbol.asyncDispose]: () => rm(path, { force: true }) }
}

/** Allows no more files than there are. */
async function takeInodes(root: string): Promise<AsyncDisposable> {
  for (;;) {
    const { files, ffree } = await statfs(root)
    // Somebody may have made one since.
    const isSet = await run('mount', '-o', `remount,nr_inodes=${files - ffree}`, root).then(
      () => true,
      () => false,
    )
    if (isSet) break
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await run('mount', '-o', `remount,nr_inodes=${manyInodes}`, root)
    },
  }
}

/** The agent's way to it, that is: what writes already through a mount of its own may go on. */
async function makeReadOnly(root: string): Promise<AsyncDisposable> {
  for (;;) {
    const isSet = await run('mount', '-o', 'remount,bind,ro', root).then(
      () => true,
      () => false,
    )
    if (isSet) break
    // Somebody writes just now.
    await delay(10)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      await run('mount', '-o', 'remount,bind,rw', root)
    },
  }
}
