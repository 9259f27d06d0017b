/**
 * Preloaded (`--import`) into each file of tests that the runner starts. Node's --test-timeout ends a test that hangs, never
 * its file: one watch that was left open held up the whole run for as long as the API server kept it.
 */
import { execFileSync } from 'node:child_process'
import { after } from 'node:test'

/**
 * For a file from its beginning, and for what its hooks still do when its tests are over.
 * The longest takes four minutes.
 */
const { TEST_FILE_SECONDS = '1200', TEST_END_SECONDS = '180' } = process.env
/** Tests may put another in its place. */
const { setTimeout: later } = globalThis

// Not with the runner itself, which has all files.
if (process.env['NODE_TEST_CONTEXT'] !== undefined) {
  endAfter(TEST_FILE_SECONDS, 'it began')
  after(() => endAfter(TEST_END_SECONDS, 'its tests were over'))
}

/** Ends this process with a failure when it is still there by then, and what it has started; does not keep it. */
function endAfter(seconds: string, since: string): void {
  later(
    () => {
      const open = process.getActiveResourcesInfo().join(', ')
      const started = children()
      console.error(`${process.argv[1]} is ended, ${seconds} s after ${since}. Open are: ${open}`)
      for (const child of started) console.error(`It has started: ${child}`)
      for (const child of started) process.kill(Number.parseInt(child, 10))
      process.exit(1)
    },
    Number(seconds) * 1000,
  ).unref()
}

/** The processes of this one: the id and the command of each. */
function children(): readonly string[] {
  const listing = ['-o', 'pid=,args=', '--ppid', String(process.pid)]
  const lines = execFileSync('ps', listing, { encoding: 'utf8' })
    .split('\n')
    .map((line) => line.trim())
  return lines.filter((line) => line !== '' && !line.endsWith(`ps ${listing.join(' ')}`))
}
