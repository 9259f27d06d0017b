/** The kubelet's words for callers that are refused (pkg/kubelet/server/server.go). */
import { KubeletError } from '../../model/errors.ts'

/** 401: nobody knows who this is. What was wrong with the credentials is for the log alone. */
export function notAuthenticated(): KubeletError {
  return new KubeletError('unauthorized', 'Unauthorized', { status: 401 })
}

/** 403: `user` may do none of what would have been enough. */
export function notAllowed(user: string, verb: string, subresources: readonly string[]): KubeletError {
  const tried = subresources.join(' ')
  const message = `Forbidden (user=${user}, verb=${verb}, resource=nodes, subresource(s)=[${tried}])\n`
  return new KubeletError('forbidden', message, { status: 403 })
}

/** 500: whether `user` may could not be found out. */
export function notJudged(user: string, verb: string, subresource: string, cause: unknown): KubeletError {
  const message = `Authorization error (user=${user}, verb=${verb}, resource=nodes, subresource=${subresource})`
  return new KubeletError('internal', message, { status: 500, cause })
}
