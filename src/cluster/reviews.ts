/** The API server's reviews: whose a token is (TokenReview), and what somebody may do (SubjectAccessReview). */
import type { AccessQuestion, AccessVerdict, Caller, TokenVerdict } from '../model/access.ts'
import { KubeletError } from '../model/errors.ts'
import { isJsonObject, objectAt, stringAt, type JsonObject } from './json-object.ts'
import type { JsonClient } from './kube-client.ts'

/** See `Cluster.reviewToken`. */
export async function reviewToken(client: JsonClient, token: string, signal: AbortSignal): Promise<TokenVerdict> {
  const what = 'ask whose a token is'
  const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec: { token } }
  const path = '/apis/authentication.k8s.io/v1/tokenreviews'
  const answer = await client.request({ what, method: 'POST', path, body, lane: 'review' }, signal)
  const status = statusOf(what, answer)
  if (status['authenticated'] !== true) {
    return { kind: 'unknown', reason: stringAt(status, 'error') ?? 'invalid bearer token' }
  }
  return { kind: 'known', caller: callerOf(objectAt(status, 'user')) }
}

/** See `Cluster.reviewAccess`. */
export async function reviewAccess(
  client: JsonClient,
  { caller, verb, nodeName, subresource }: AccessQuestion,
  signal: AbortSignal,
): Promise<AccessVerdict> {
  const what = `ask what "${caller.name}" may do`
  const body = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SubjectAccessReview',
    spec: {
      user: caller.name,
      uid: caller.uid,
      groups: caller.groups,
      extra: caller.extra,
      resourceAttributes: { verb, version: 'v1', resource: 'nodes', subresource, name: nodeName },
    },
  }
  const path = '/apis/authorization.k8s.io/v1/subjectaccessreviews'
  const answer = await client.request({ what, method: 'POST', path, body, lane: 'review' }, signal)
  const status = statusOf(what, answer)
  const reason = stringAt(status, 'reason') ?? ''
  const isAllowed = status['allowed'] === true
  if (status['denied'] !== true) return { kind: isAllowed ? 'allowed' : 'no-opinion', reason }
  if (isAllowed) throw new KubeletError('internal', `Cannot ${what}: the server both allows and denies it`)
  return { kind: 'denied', reason }
}

function statusOf(what: string, answer: unknown): JsonObject {
  const status = isJsonObject(answer) ? answer['status'] : undefined
  if (isJsonObject(status)) return status
  throw new KubeletError('internal', `Cannot ${what}: the server's answer has no status`)
}

function callerOf(user: JsonObject): Caller {
  const extra = Object.entries(objectAt(user, 'extra')).map(([key, values]) => [key, texts(values)] as const)
  return {
    name: stringAt(user, 'username') ?? '',
    uid: stringAt(user, 'uid') ?? '',
    groups: texts(user['groups']),
    extra: Object.fromEntries(extra),
  }
}

function texts(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : []
}
