import type { Fault } from '../../fault.ts'
import { errorLine, refusal, type ApiTreatment } from './api-treatment.ts'
import { each, eachWatch, treatedFault } from './treated-fault.ts'

const expired = 'The resourceVersion for the provided watch is too old.'

function saying(code: number, reason: string, message: string, retryAfterSeconds?: number): ApiTreatment {
  return { kind: 'answer', answer: refusal(code, reason, message, retryAfterSeconds) }
}

/** The API server, or what stands before it, says no to everything. */
export const refusedRequests: readonly Fault[] = [
  treatedFault({ name: 'api-500', treat: each(saying(500, 'InternalError', 'etcdserver: request timed out')) }),
  treatedFault({
    name: 'api-500-now-and-then',
    treat: each(saying(500, 'InternalError', 'etcdserver: leader changed'), 0.4),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-429',
    treat: each(saying(429, 'TooManyRequests', 'Too many requests, please try again later.')),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-429-retry-after',
    treat: each(saying(429, 'TooManyRequests', 'The apiserver is overloaded', 2)),
    breaksWatches: true,
  }),
  treatedFault({ name: 'api-410', treat: each(saying(410, 'Expired', expired)), breaksWatches: true }),
  treatedFault({
    name: 'watch-410',
    treat: eachWatch(() => ({ kind: 'end', lines: [errorLine(410, 'Expired', expired)] })),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-401',
    treat: each(saying(401, 'Unauthorized', 'Unauthorized')),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-403',
    treat: each(
      saying(403, 'Forbidden', 'forbidden: RBAC: clusterrole.rbac.authorization.k8s.io "system:node" not found'),
    ),
    breaksWatches: true,
  }),
  // A load balancer that has lost its servers.
  treatedFault({
    name: 'api-503-html',
    treat: each({
      kind: 'answer',
      answer: { status: 503, body: '<html><body><h1>503 Service Unavailable</h1></body></html>' },
    }),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-404-html',
    treat: each({ kind: 'answer', answer: { status: 404, body: '<html><body><h1>404 Not Found</h1></body></html>' } }),
    breaksWatches: true,
  }),
  treatedFault({
    name: 'api-200-html',
    treat: each({ kind: 'answer', answer: { status: 200, body: '<html><body><h1>It works!</h1></body></html>' } }),
    breaksWatches: true,
  }),
]
