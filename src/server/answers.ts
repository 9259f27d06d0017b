import type { ServerResponse } from 'node:http'
import { KubeletError, type ErrorCode } from '../model/errors.ts'

export interface Answer {
  readonly status: number
  readonly contentType: string
  readonly body: string
}

export function plainAnswer(status: number, body: string): Answer {
  return { status, contentType: 'text/plain; charset=utf-8', body }
}

export function jsonAnswer(value: unknown): Answer {
  return { status: 200, contentType: 'application/json', body: JSON.stringify(value) }
}

/**
 * How an error is answered: its own status, or what its code stands for; its message as it is, without the end of a
 * line, for clients show it within a sentence of their own (`WriteErrorString` of the kubelet's go-restful).
 */
export function errorAnswer(error: unknown): Answer {
  const { code, status, message } = KubeletError.from(error)
  return plainAnswer(status ?? statusOfCode(code), message)
}

/**
 * To whoever asks plainly for what there is over other protocols only. A bad request, but the proxy within the kubelet
 * that says so answers 500 with whatever goes wrong (`responder` in pkg/kubelet/server/server.go).
 */
export function upgradeRequired(): KubeletError {
  return new KubeletError('invalid', 'Upgrade request required\n', { status: 500 })
}

export function sendAnswer(response: ServerResponse, { status, contentType, body }: Answer): void {
  response.writeHead(status, {
    'content-type': contentType,
    'content-length': Buffer.byteLength(body),
    'x-content-type-options': 'nosniff',
  })
  response.end(body)
}

function statusOfCode(code: ErrorCode): number {
  switch (code) {
    case 'not-found':
      return 404
    case 'invalid':
      return 400
    case 'forbidden':
      return 403
    case 'unauthorized':
      return 401
    case 'conflict':
    case 'gone':
    case 'throttled':
    case 'unavailable':
    case 'aborted':
    case 'configuration':
    case 'unsupported':
    case 'internal':
      return 500
    default:
      return code satisfies never
  }
}
