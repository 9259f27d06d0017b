import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { KubeRequest } from '../../../src/cluster/kube-client.ts'
import { reviewAccess, reviewToken } from '../../../src/cluster/reviews.ts'
import { KubeletError } from '../../../src/model/errors.ts'

const caller = { name: 'anna', uid: '7', groups: ['staff'], extra: { 'example.org/key': ['of'] } }
const question = { caller, verb: 'get', nodeName: 'n1', subresource: 'log' }

describe('reviews of the API server', () => {
  it('asks about the node by name, and about the caller with all that is known of it', async ({ signal }) => {
    const server = answering({ status: { allowed: true, reason: 'RBAC' } })
    assert.deepEqual(await reviewAccess(server, question, signal), { kind: 'allowed', reason: 'RBAC' })
    assert.deepEqual(server.asked.map(bodyOf), [
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'anna',
          uid: '7',
          groups: ['staff'],
          extra: { 'example.org/key': ['of'] },
          resourceAttributes: { verb: 'get', version: 'v1', resource: 'nodes', subresource: 'log', name: 'n1' },
        },
      },
    ])
  })

  it('tells a refusal from nobody having allowed it, and makes an error of an answer that is both', async ({
    signal,
  }) => {
    const judged = (status: unknown) => reviewAccess(answering({ status }), question, signal)
    assert.equal((await judged({ allowed: false, denied: true })).kind, 'denied')
    assert.equal((await judged({ allowed: false })).kind, 'no-opinion')
    assert.equal((await judged({})).kind, 'no-opinion')
    await assert.rejects(judged({ allowed: true, denied: true }), isInternal)
    await assert.rejects(judged(undefined), isInternal)
  })

  it('takes nothing but a plain yes for somebody who is known', async ({ signal }) => {
    const reviewed = (status: unknown) => reviewToken(answering({ status }), 'secret', signal)
    const user = { username: 'anna', uid: '7', groups: ['staff', 1], extra: { key: ['a'], other: 'b' } }
    assert.deepEqual(await reviewed({ authenticated: true, user }), {
      kind: 'known',
      caller: { name: 'anna', uid: '7', groups: ['staff'], extra: { key: ['a'], other: [] } },
    })
    assert.deepEqual(await reviewed({ user, error: 'expired' }), { kind: 'unknown', reason: 'expired' })
    assert.equal((await reviewed({ authenticated: 'yes', user })).kind, 'unknown')
    await assert.rejects(reviewed('ok'), isInternal)
  })
})

function answering(answer: unknown) {
  const asked: KubeRequest[] = []
  return {
    asked,
    request: async (request: KubeRequest): Promise<unknown> => {
      asked.push(request)
      return answer
    },
    async *lines(): AsyncGenerator<unknown> {},
    close: (): void => {},
  }
}

function bodyOf({ body }: KubeRequest): unknown {
  return body
}

function isInternal(error: unknown): boolean {
  return KubeletError.is(error, 'internal')
}
