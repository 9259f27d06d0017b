import type { Writable } from 'node:stream'
import { pino, type DestinationStream, type Logger as PinoLogger } from 'pino'
import { KubeletError } from '../model/errors.ts'

/**
 * What happened, as a short constant phrase, and with what: names and numbers go into
 * `fields`, an exception into `error`.
 */
export type LogMethod = (message: string, fields?: LogFields) => void
export type LogFields = Readonly<Record<string, unknown>>

export interface Logger {
  readonly trace: LogMethod
  readonly debug: LogMethod
  readonly info: LogMethod
  readonly warn: LogMethod
  readonly error: LogMethod
  /** A logger that adds `fields` to every line. */
  child(fields: LogFields): Logger
}

/** The agent's own: how much it writes may change while it runs. */
export interface RootLogger extends Logger {
  /** As in --v. */
  readonly setVerbosity: (verbosity: number) => void
}

export interface LogOptions {
  /** As in --v: below 4 info, 4 and 5 debug, from 6 on trace. */
  readonly verbosity: number
  readonly format: 'json' | 'pretty'
  /** Where lines go. Default: standard error. */
  readonly destination?: Writable
}

/**
 * A logger that writes each line before it returns, so that nothing is lost when the process ends. The printer of
 * readable lines is loaded only if it is asked for.
 */
export async function createLogger(options: LogOptions): Promise<RootLogger> {
  const level = levelOf(options.verbosity)
  const settings = {
    level,
    base: null,
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }), log: shortenTexts },
    serializers: { error: (error: unknown) => serializeError(error, level !== 'info') },
  }
  const log = pino(settings, await destinationOf(options))
  const setVerbosity = (verbosity: number): void => {
    log.level = levelOf(verbosity)
  }
  return { ...wrap(log), setVerbosity }
}

function levelOf(verbosity: number): 'info' | 'debug' | 'trace' {
  if (verbosity < 4) return 'info'
  return verbosity < 6 ? 'debug' : 'trace'
}

async function destinationOf({ format, destination }: LogOptions): Promise<DestinationStream> {
  const standardError = 2
  if (format === 'json') return destination ?? pino.destination({ dest: standardError, sync: true })
  const { PinoPretty } = await import('pino-pretty')
  const style = { translateTime: 'SYS:HH:MM:ss.l', singleLine: true, sync: true }
  return PinoPretty({ ...style, destination: destination ?? standardError })
}

/** What of a text is logged: some carry what a command has written, or all that a container was to have. */
const longestText = 4096

/** Code and message of an error; where it came from only for whoever debugs. */
function serializeError(error: unknown, withStack: boolean): unknown {
  if (!(error instanceof Error)) return error
  const { code, message, cause } = KubeletError.from(error)
  const origin = cause instanceof Error && cause.message !== message ? { cause: shortened(cause.message) } : {}
  return {
    code,
    message: shortened(message),
    ...origin,
    ...(withStack && error.stack !== undefined ? { stack: shortened(error.stack) } : {}),
  }
}

function shortenTexts(fields: Record<string, unknown>): Record<string, unknown> {
  const isLong = (value: unknown): value is string => typeof value === 'string' && value.length > longestText
  if (!Object.values(fields).some(isLong)) return fields
  return Object.fromEntries(
    Object.entries(fields).map(([key, value]) => [key, isLong(value) ? shortened(value) : value]),
  )
}

function shortened(text: string): string {
  return text.length > longestText ? `${text.slice(0, longestText)}… (${text.length} characters)` : text
}

function wrap(log: PinoLogger): Logger {
  return {
    trace: (message, fields) => log.trace(fields ?? {}, message),
    debug: (message, fields) => log.debug(fields ?? {}, message),
    info: (message, fields) => log.info(fields ?? {}, message),
    warn: (message, fields) => log.warn(fields ?? {}, message),
    error: (message, fields) => log.error(fields ?? {}, message),
    child: (fields) => wrap(log.child(fields)),
  }
}
