import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'
import type { KubeletConfig } from './config/config.ts'
import { loadConfig } from './config/load-config.ts'
import { KubeletError } from './model/errors.ts'
import { createLogger, type RootLogger } from './util/log.ts'
import { setOwnOomScore } from './util/own-oom-score.ts'

/** 0: a clean end, 1: it failed at work, 2: it was told something wrong. */
type ExitCode = 0 | 1 | 2

// Said outright, so that a connection that somebody left open cannot keep a finished agent alive.
process.exit(await main())

async function main(): Promise<ExitCode> {
  keepHeapSmall()
  const signal = abortOnSignal()
  try {
    const loaded = await loadConfig(process.argv.slice(2), process.env, (path) => readFile(path, 'utf8'))
    if (loaded.kind === 'run') await run(loaded.config, loaded.warnings, signal)
    else process.stdout.write(`${loaded.text}\n`)
    return 0
  } catch (error) {
    if (signal.aborted && KubeletError.is(error, 'aborted')) return 0
    const { code, message } = KubeletError.from(error)
    process.stderr.write(`minikubelet: ${message}\n`)
    return code === 'configuration' ? 2 : 1
  }
}

async function run(config: KubeletConfig, warnings: readonly string[], signal: AbortSignal): Promise<void> {
  const log = await loggerFor(config)
  for (const warning of warnings) log.warn(warning)
  const fault = await setOwnOomScore(config.oomScoreAdj)
  if (fault !== undefined) log.debug('The agent is killed like any other process when memory runs out', { fault })
  // Loaded only now: --help and a wrong flag need nothing of it.
  const { runKubelet } = await import('./kubelet.ts')
  try {
    await runKubelet(config, log, signal)
  } catch (error) {
    // The message on standard error has no stack; whoever debugs gets it here.
    log.debug('The agent ended with an error', { error })
    throw error
  }
}

function loggerFor({ verbosity, logFormat }: KubeletConfig): Promise<RootLogger> {
  const isReadable = logFormat === 'pretty' || (logFormat === 'auto' && process.stderr.isTTY)
  return createLogger({ verbosity, format: isReadable ? 'pretty' : 'json' })
}

/**
 * In a burst of Pods, V8 lets the space for new objects double up to 32 MB, and keeps it; left at its first size it takes
 * 20 MB less and hardly more CPU. TurboFan takes 5 MB for code that an agent seldom runs. Of what
 * lives on V8 lets up to three times as much garbage lie before it looks; told to mind the size, it looks when a third has
 * come, and 40 Pods take 10 MB less (docs/bench.md). Said here, not on a command line, so that it
 * holds however we are started.
 */
function keepHeapSmall(): void {
  setFlagsFromString('--semi-space-growth-factor=1')
  setFlagsFromString('--no-opt')
  setFlagsFromString('--optimize-for-size')
}

/** Fires on the first SIGTERM or SIGINT; the second one ends the process where it stands. */
function abortOnSignal(): AbortSignal {
  const controller = new AbortController()
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(1)
    controller.abort()
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
  return controller.signal
}
