/** What a Pod costs here, compared with what Docker alone needs for the same: see docs/bench.md. */
import { writeFile } from 'node:fs/promises'
import { measureBurst } from './measure-burst.ts'
import { measureLogs } from './measure-logs.ts'
import { measureProbes } from './measure-probes.ts'
import { measureRawBurst } from './measure-raw-burst.ts'
import { measureScrape } from './measure-scrape.ts'
import { measureSingle } from './measure-single.ts'
import { measureTokens } from './measure-tokens.ts'
import { measureVolumes } from './measure-volumes.ts'
import { readOptions, usage, type BenchOptions } from './options.ts'
import { formatResult } from './print-result.ts'
import { formatFunctions } from './profile/hot-functions.ts'
import { formatSteps } from './profile/pod-steps.ts'
import type { BenchResult } from './rows.ts'
import { openTestBed, type TestBed } from './test-bed.ts'

try {
  const options = readOptions(process.argv.slice(2))
  if (options === undefined) process.stdout.write(`${usage}\n`)
  else await main(options)
} catch (error) {
  process.stderr.write(`bench: ${messageOf(error)}\n`)
  process.exitCode = 1
}

async function main(options: BenchOptions): Promise<void> {
  const controller = new AbortController()
  process.once('SIGINT', () => controller.abort())
  process.once('SIGTERM', () => controller.abort())
  const { signal } = controller

  await using stack = new AsyncDisposableStack()
  say('bringing up Docker, control plane and agent')
  const bed = await openTestBed(options, stack, signal)
  const result = await Promise.race([measure(bed, options), bed.agent.ended(), aborted(signal)])
  process.stdout.write(`\n${formatResult(result)}\n`)
  if (options.json !== undefined) await writeFile(options.json, `${JSON.stringify(result, undefined, 2)}\n`)
  if (!options.profile) return
  await bed.agent[Symbol.asyncDispose]()
  process.stdout.write(`\n${await formatSteps(bed.agent.logFile)}\n\n${await formatFunctions(bed.directory)}\n`)
}

async function measure(bed: TestBed, options: BenchOptions): Promise<BenchResult> {
  const { only, pods, rounds, bursts, idleSeconds, probed, probeSeconds, scraped, scrapeSeconds } = options
  // The first Pod is the one for which everything is loaded: the pause image, the agent's own code.
  await bed.cluster.start('first')
  await bed.cluster.end('first')
  await bed.raw.end(await bed.raw.start())

  if (only.has('single')) say(`${rounds} Pods one at a time`)
  const single = only.has('single') ? await measureSingle(bed, rounds) : undefined
  if (only.has('volumes')) say(`${rounds} Pods with a volume of files, and as many without`)
  const volumes = only.has('volumes') ? await measureVolumes(bed, rounds) : undefined
  if (only.has('tokens')) say(`${rounds} Pods with a token of their ServiceAccount, and as many without`)
  const tokens = only.has('tokens') ? await measureTokens(bed, rounds) : undefined
  const withBurst = only.has('burst') || only.has('idle')
  if (withBurst) say(`${pods} Pods at once, ${bursts} times`)
  const burst = withBurst
    ? await measureBurst(bed, { pods, bursts, idleSeconds: only.has('idle') ? idleSeconds : 0 })
    : undefined
  if (only.has('probes')) say(`${probed} Pods with a probe each second, for ${probeSeconds} s`)
  const probes = only.has('probes') ? await measureProbes(bed, { pods: probed, seconds: probeSeconds }) : undefined
  if (only.has('scrape')) say(`all that is measured of ${scraped} containers, each 15 s for ${scrapeSeconds} s`)
  const scrape = only.has('scrape')
    ? await measureScrape(bed, { containers: scraped, seconds: scrapeSeconds })
    : undefined
  const { logMebibytes: mebibytes, logRounds } = options
  if (only.has('logs')) say(`a log of ${mebibytes} MiB, read ${logRounds} times`)
  const logs = only.has('logs') ? await measureLogs(bed, { mebibytes, rounds: logRounds }) : undefined
  if (only.has('raw-burst')) say(`${pods} times the same by Docker alone, 1, 2, 4 and 8 at a time`)
  const rawBurst = only.has('raw-burst') ? await measureRawBurst(bed.raw, pods) : undefined
  return { machine: bed.machine, single, volumes, tokens, burst, probes, scrape, logs, rawBurst }
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

function say(text: string): void {
  process.stderr.write(`bench: ${text}\n`)
}
