import type { DockerLogConfig } from '../model/docker.ts'
import type { LogRotation } from '../model/log-rotation.ts'

/** Docker's logging drivers that write files of their own and rotate them. */
const rotating: readonly string[] = ['json-file', 'local']

export interface LogFacts {
  /** `undefined` where rotation is left to how the daemon is set. */
  readonly logRotation: LogRotation | undefined
  /** The daemon's: which one a container gets that asks for none. */
  readonly loggingDriver: string
}

/**
 * Docker's options for the log of a container; `undefined` for none. The driver is not named: then Docker adds what it is
 * set to otherwise (`labels`, `compress`). Drivers that write elsewhere refuse these options, and the container with them.
 */
export function logConfig({ logRotation, loggingDriver }: LogFacts): DockerLogConfig | undefined {
  if (logRotation === undefined || !rotating.includes(loggingDriver)) return undefined
  const { maxBytes, maxFiles } = logRotation
  return { Type: '', Config: { 'max-size': String(maxBytes), 'max-file': String(maxFiles) } }
}
