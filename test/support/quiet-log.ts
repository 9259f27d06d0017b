import type { Logger } from '../../src/util/log.ts'

/** For what logs, where no test reads it. */
export const quietLog: Logger = {
  trace: () => {},
  debug: () => {},
  info: () => {},
  warn: () => {},
  error: () => {},
  child: () => quietLog,
}
