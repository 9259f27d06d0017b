/** What a Pod costs here, compared with what Docker alone and the real kubelet need for the same: see docs/bench.md. */
import { readFile, writeFile } from 'node:fs/promises'
import { openTestBed } from './bed/test-bed.ts'
import { measureParts } from './measure-parts.ts'
import { readOptions, usage, type BenchOptions } from './options.ts'
import { chart } from './report/chart.ts'
import { formatResult, merged, type BenchResult } from './report/result.ts'

const asked = read()
try {
  if (asked !== undefined && asked.from.length > 0) await show(await earlier(asked.from), asked)
  else if (asked !== undefined) await main(asked)
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`)
  process.exitCode = 1
}

/** `undefined` where nothing is to be done: help was asked for, or what nobody knows. */
function read(): BenchOptions | undefined {
  try {
    const options = readOptions(process.argv.slice(2))
    if (options === undefined) process.stdout.write(`${usage}\n`)
    return options
  } catch (error) {
    process.stderr.write(`bench: ${messageOf(error)}\n`)
    process.exitCode = 2
    return undefined
  }
}

async function main(options: BenchOptions): Promise<void> {
  const controller = new AbortController()
  // Not once: npm passes on what its whole group gets anyway, and taking everything down must not end in the middle.
  process.on('SIGINT', () => controller.abort())
  process.on('SIGTERM', () => controller.abort())
  const { signal } = controller
  const say = (text: string): void => void process.stderr.write(`bench: ${text}\n`)

  await using stack = new AsyncDisposableStack()
  say(`bringing up Docker, control plane and agent${options.peer ? ', and the real kubelet' : ''}`)
  const bed = await openTestBed(options, stack, signal)
  let soFar: BenchResult | undefined
  const measured = (async () => {
    for await (const result of measureParts(bed, options, say)) {
      soFar = result
      // Hours may still come.
      await keep(result, options)
    }
  })()
  try {
    await Promise.race([measured, bed.agent.ended(), aborted(signal)])
  } finally {
    // What a run has measured until it failed, or was ended, is not lost.
    if (soFar !== undefined) await show(soFar, options)
  }
}

async function show(result: BenchResult, options: BenchOptions): Promise<void> {
  process.stdout.write(`\n${formatResult(result)}\n`)
  await keep(result, options)
}

async function keep(result: BenchResult, { json, chart: picture }: BenchOptions): Promise<void> {
  if (json !== undefined) await writeFile(json, `${JSON.stringify(result, undefined, 2)}\n`)
  if (picture !== undefined) await writeFile(picture, chart(result))
}

async function earlier(files: readonly string[]): Promise<BenchResult> {
  const read = async (file: string): Promise<BenchResult> => {
    const result: BenchResult = JSON.parse(await readFile(file, 'utf8'))
    return result
  }
  const [first, ...others] = await Promise.all(files.map(read))
  if (first === undefined) throw new Error('--from names no file')
  return merged([first, ...others])
}

function aborted(signal: AbortSignal): Promise<never> {
  const { promise, reject } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => reject(new Error('The run was ended')), { once: true })
  return promise
}

/** What went wrong while everything was taken down is told after what was the reason for it. */
function messageOf(error: unknown): string {
  if (error instanceof SuppressedError) return `${messageOf(error.suppressed)}; then: ${messageOf(error.error)}`
  return error instanceof Error ? error.message : String(error)
}
