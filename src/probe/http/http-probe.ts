import type { ProbeOutcome } from '../probe-outcome.ts'
import { httpGet } from './http-get.ts'
import type { HttpGetRequest } from './http-get-request.ts'

/** Asks over HTTP (DoHTTPProbe in pkg/probe/http/http.go): 2xx is success, a redirect that is not followed a warning. */
export async function httpProbe(
  request: HttpGetRequest,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<ProbeOutcome> {
  const result = await httpGet(request, { timeoutMs, redirects: 'same-host' }, signal)
  switch (result.kind) {
    case 'failed':
      return { kind: 'failure', output: result.message }
    case 'broken':
      return { kind: 'error', state: 'failure', message: result.message }
    case 'answer': {
      const { status, body } = result
      if (status >= 200 && status < 300) return { kind: 'success' }
      if (status >= 300 && status < 400) {
        return { kind: 'warning', output: `Probe terminated redirects, Response body: ${body}` }
      }
      return { kind: 'failure', output: `HTTP probe failed with statuscode: ${status}` }
    }
    default:
      return result satisfies never
  }
}
