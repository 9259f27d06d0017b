import { promisify } from 'node:util'
import type Dockerode from 'dockerode'

export interface DialRequest {
  /** With a `?` at its end where there is a query. */
  readonly path: string
  readonly query?: Readonly<Record<string, string | number | boolean>>
  /** The answer is handed out as a stream, not read as JSON. */
  readonly isStream?: boolean
}

/**
 * A GET through dockerode's own transport, for what its methods don't do: `version`, `info` and `Image.inspect` take no
 * abort signal, so a Docker that hangs would keep their connections; and `Container.logs` reads a log that happens to be
 * JSON as if it were an answer in JSON.
 */
export function dial(docker: Dockerode, request: DialRequest, abortSignal: AbortSignal): Promise<unknown> {
  const { path, query, isStream = false } = request
  return promisify(docker.modem.dial.bind(docker.modem))({
    path,
    method: 'GET',
    isStream,
    abortSignal,
    ...(query && { options: query }),
    statusCodes: { 200: true },
  })
}
