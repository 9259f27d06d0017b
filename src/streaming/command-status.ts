import type { CommandEnd } from './client-streams.ts'

/**
 * How the end of a command is told on the error stream: as plain text, and only where it failed (protocols 1 to 3), as a
 * status in JSON (4), or as a status with everything that the API's Status has (5).
 */
export type StatusForm = 'text' | 'short' | 'full'

interface Status {
  readonly metadata?: Readonly<Record<string, never>>
  readonly status: 'Success' | 'Failure'
  readonly message?: string
  readonly reason?: 'NonZeroExitCode' | 'InternalError'
  readonly details?: { readonly causes: readonly { readonly reason?: 'ExitCode'; readonly message: string }[] }
  readonly code?: number
}

/**
 * What the error stream says of `end`; empty for nothing. kubectl takes its own exit code from the cause `ExitCode`.
 * (The kubelet's staging/src/k8s.io/cri-streaming/pkg/streaming/remotecommand/exec.go; for `full`, apiserver's
 * pkg/util/proxy/streamtranslator.go.)
 */
export function commandStatus(end: CommandEnd, form: StatusForm): string {
  const status = end.kind === 'exited' ? exited(end.exitCode, form) : failed(end.message, form)
  switch (form) {
    case 'text':
      return status.message ?? ''
    case 'short':
      return JSON.stringify(status)
    case 'full':
      return JSON.stringify({ metadata: {}, ...status })
    default:
      return form satisfies never
  }
}

function exited(exitCode: number, form: StatusForm): Status {
  if (exitCode === 0) return { status: 'Success' }
  const error =
    form === 'full'
      ? `command terminated with exit code ${exitCode}`
      : `Error executing in Docker Container: ${exitCode}`
  return {
    status: 'Failure',
    message: `command terminated with non-zero exit code: ${error}`,
    reason: 'NonZeroExitCode',
    details: { causes: [{ reason: 'ExitCode', message: `${exitCode}` }] },
  }
}

function failed(message: string, form: StatusForm): Status {
  return {
    status: 'Failure',
    message: `Internal error occurred: ${message}`,
    reason: 'InternalError',
    ...(form === 'full' && { details: { causes: [{ message }] } }),
    code: 500,
  }
}
