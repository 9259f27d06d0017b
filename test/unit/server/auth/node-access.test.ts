import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import type { AccessVerdict } from '../../../../src/model/access.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { NodeAccess } from '../../../../src/server/auth/node-access.ts'

type Rights = Readonly<Record<string, AccessVerdict['kind'] | KubeletError>>

const anna = { name: 'anna', uid: '', groups: ['staff'], extra: {} }

describe('what a caller may do with the node', () => {
  it('is decided by the first right that would do, and nothing more is asked', async (test) => {
    const node = nodeWith(test, { pods: 'allowed' })
    await node.require('GET', '/pods')
    assert.deepEqual(node.asked, ['get pods'])
  })

  it('is decided by the next one where the first is not given', async (test) => {
    const node = nodeWith(test, { proxy: 'allowed' })
    await node.require('GET', '/healthz/ping')
    assert.deepEqual(node.asked, ['get healthz', 'get proxy'])
  })

  it('is refused in the words of the kubelet where none is given', async (test) => {
    const node = nodeWith(test, { configz: 'denied' })
    const forbidden = (verb: string, tried: string): string =>
      `Forbidden (user=anna, verb=${verb}, resource=nodes, subresource(s)=[${tried}])\n`
    await assert.rejects(node.require('GET', '/pods'), failsWith(403, forbidden('get', 'pods proxy')))
    await assert.rejects(node.require('POST', '/exec/a/b/c'), failsWith(403, forbidden('create', 'proxy')))
    await assert.rejects(node.require('GET', '/flagz'), failsWith(403, forbidden('get', 'configz')))
    await assert.rejects(node.require('HEAD', '/metrics'), failsWith(403, forbidden('', 'metrics')))
  })

  it('ends with an error where one cannot be found out, whatever another would say', async (test) => {
    const node = nodeWith(test, { pods: new KubeletError('unavailable', 'away'), proxy: 'allowed' })
    const words = 'Authorization error (user=anna, verb=get, resource=nodes, subresource=pods)'
    await assert.rejects(node.require('GET', '/pods'), failsWith(500, words))
    assert.deepEqual(node.asked, ['get pods'])
  })

  it('is known for five minutes where it is allowed, for half a minute where it is not', async (test) => {
    test.mock.timers.enable({ apis: ['Date'] })
    const node = nodeWith(test, { metrics: 'allowed' })
    const ask = async (): Promise<void> => {
      await node.require('GET', '/metrics')
      await node.require('GET', '/metrics/cadvisor')
      await assert.rejects(node.require('GET', '/stats/summary'))
    }
    await ask()
    test.mock.timers.tick(29_999)
    await ask()
    assert.deepEqual(node.asked, ['get metrics', 'get stats'])
    test.mock.timers.tick(1)
    await ask()
    assert.deepEqual(node.asked, ['get metrics', 'get stats', 'get stats'])
    test.mock.timers.tick(270_000)
    await ask()
    assert.deepEqual(node.asked.slice(3), ['get metrics', 'get stats'])
  })

  it('is asked for each caller: one with other groups is another', async (test) => {
    const node = nodeWith(test, { metrics: 'allowed' })
    await node.require('GET', '/metrics')
    await node.require('GET', '/metrics', { ...anna, groups: [] })
    await node.require('GET', '/metrics', { ...anna, uid: '8' })
    assert.equal(node.asked.length, 3)
  })

  it('is not found out for one who is gone', async (test) => {
    const node = nodeWith(test, {})
    const gone = node.access.require(anna, 'GET', '/pods', AbortSignal.abort())
    await assert.rejects(gone, (error) => KubeletError.is(error, 'aborted'))
  })
})

function nodeWith({ signal }: TestContext, rights: Rights) {
  const asked: string[] = []
  const access = new NodeAccess({
    nodeName: 'node-1',
    cluster: {
      reviewAccess: async ({ verb, subresource, nodeName }) => {
        assert.equal(nodeName, 'node-1')
        asked.push(`${verb} ${subresource}`)
        const kind = rights[subresource] ?? 'no-opinion'
        if (typeof kind !== 'string') throw kind
        return { kind, reason: '' }
      },
    },
    authorizedTtlMs: 300_000,
    unauthorizedTtlMs: 30_000,
    signal,
  })
  const require = (method: string, path: string, caller = anna) => access.require(caller, method, path, signal)
  return { asked, access, require }
}

function failsWith(status: number, message: string): (error: unknown) => boolean {
  return (error) => error instanceof KubeletError && error.status === status && error.message === message
}
