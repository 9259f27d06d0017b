import { joinHostPort } from '../probe/go-network-error.ts'
import { httpGet } from '../probe/http/http-get.ts'
import { httpGetRequest, type HttpGetAction, type HttpGetRequest } from '../probe/http/http-get-request.ts'
import type { ContainerSpec } from '../model/kube.ts'

export interface HttpHookTools {
  /** The Pod's address, where the action names no host. */
  readonly podIp: string | undefined
  /** `kube-lifecycle/1.36`. */
  readonly userAgent: string
}

export type HttpHookResult =
  /** `plainAt` is set where HTTPS was asked for, and only HTTP was to be had there: `10.0.0.5:80`. */
  { readonly kind: 'done'; readonly plainAt?: string } | { readonly kind: 'failed'; readonly error: string }

/**
 * Asks as a hook does (runHTTPHandler in pkg/kubelet/lifecycle/handlers.go): any answer is fine, whatever its status. A
 * server that speaks plain HTTP where HTTPS was asked for is asked again, without the `Authorization` that was not meant
 * for that. Throws `aborted` when `signal` fires, and nothing else.
 */
export async function runHttpHook(
  action: HttpGetAction,
  container: ContainerSpec,
  { podIp, userAgent }: HttpHookTools,
  signal: AbortSignal,
): Promise<HttpHookResult> {
  if (!action.host && podIp === undefined) return { kind: 'failed', error: 'failed to find networking container' }
  const built = httpGetRequest(action, { container, podIp: podIp ?? '', userAgent })
  if (built.kind === 'invalid') return { kind: 'failed', error: built.message }
  const result = await httpGet(built.request, { redirects: 'same-host' }, signal)
  if (result.kind !== 'failed') return { kind: 'done' }
  if (!result.speaksPlainHttp) return { kind: 'failed', error: result.message }
  const again = await httpGet(plain(built.request), { redirects: 'same-host' }, signal)
  if (again.kind === 'failed') return { kind: 'failed', error: result.message }
  const { host, port } = built.request.url
  return { kind: 'done', plainAt: joinHostPort(host, port) }
}

function plain(request: HttpGetRequest): HttpGetRequest {
  const { url, headers } = request
  return {
    ...request,
    url: { ...url, scheme: 'http', text: url.text.replace(/^https:/u, 'http:') },
    headers: headers.filter(([name]) => name !== 'Authorization'),
  }
}
