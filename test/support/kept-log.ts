import type { LogFields, Logger } from '../../src/util/log.ts'
import { Feed } from './feed.ts'

export interface LogLine {
  readonly level: 'trace' | 'debug' | 'info' | 'warn' | 'error'
  readonly message: string
  readonly fields: LogFields
}

/** A log, and everything that was written to it. */
export function keptLog(): { readonly log: Logger; readonly lines: Feed<LogLine> } {
  const lines = new Feed<LogLine>('The log')
  const write =
    (level: LogLine['level']) =>
    (message: string, fields: LogFields = {}) =>
      lines.push({ level, message, fields })
  const log: Logger = {
    trace: write('trace'),
    debug: write('debug'),
    info: write('info'),
    warn: write('warn'),
    error: write('error'),
    child: () => log,
  }
  return { log, lines }
}
