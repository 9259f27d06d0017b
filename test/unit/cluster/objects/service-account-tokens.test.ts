import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { keyOf } from '../../../../src/cluster/objects/pod-token.ts'
import { KubeletError } from '../../../../src/model/errors.ts'
import { api, aRequest, TokenBed, web } from './token-bed.ts'

const away = new KubeletError('unavailable', 'no answer')
const day = 24 * 3600

describe('a token of a Pod', () => {
  it('is asked for once, however many read it at once and after', async (t) => {
    await using bed = new TokenBed(t)
    const tokens = await Promise.all([bed.token(), bed.token(), bed.token()])
    tokens.push(await bed.token())
    assert.equal(new Set(tokens).size, 1)
    assert.equal(bed.requests, 1)
  })

  it('is another one for another Pod, another audience and another lifetime', async (t) => {
    await using bed = new TokenBed(t)
    const tokens = [
      await bed.token(),
      await bed.token(api),
      await bed.token(web, { audiences: ['vault'] }),
      await bed.token(web, { expirationSeconds: 600 }),
    ]
    assert.equal(new Set(tokens).size, 4)
    assert.equal(bed.requests, 4)
  })

  it('is asked for once: who reads it meanwhile waits for the same answer', async (t) => {
    await using bed = new TokenBed(t)
    const letGo = bed.gate.hold('createToken')
    const [one, other] = [bed.token(), bed.token()]
    await bed.advance()
    letGo()
    assert.equal(await one, await other)
    assert.equal(bed.requests, 1)
  })

  it('is not asked for again once it is there', async (t) => {
    await using bed = new TokenBed(t)
    await bed.token()
    await bed.token()
    assert.equal(bed.requests, 1)
  })

  it('is waited for no longer than the reader wants, and goes on for others', async (t) => {
    await using bed = new TokenBed(t)
    const letGo = bed.gate.hold('createToken')
    const stop = new AbortController()
    const reading = bed.tokens.get(web, aRequest(web), stop.signal)
    const other = bed.token()
    stop.abort()
    await assert.rejects(reading, { code: 'aborted' })
    letGo()
    assert.match(await other, /\./)
    assert.equal(bed.requests, 1)
  })

  it('is asked for again while the server does not know yet that the Pod is on this node', async (t) => {
    await using bed = new TokenBed(t)
    for (const code of ['forbidden', 'not-found', 'forbidden'] as const) {
      bed.cluster.failNext('createToken', new KubeletError(code, 'no relationship found'))
    }
    const reading = bed.token()
    for (let turn = 0; turn < 3; turn += 1) await bed.advance(0.08)
    assert.match(await reading, /\./)
    assert.equal(bed.requests, 4)
  })

  it('is given up after a second of that, in the kubelet’s words, and asked for anew by the next reader', async (t) => {
    await using bed = new TokenBed(t)
    bed.server.tokens.deleteAccount('default', 'default')
    const reading = bed.token()
    for (let turn = 0; turn < 10; turn += 1) await bed.advance(0.2)
    assert.equal(await reading, 'failed to fetch token: serviceaccounts "default" not found')
    const asked = bed.requests
    bed.server.tokens.putAccount('default', 'default')
    assert.match(await bed.token(), /\./)
    assert.equal(bed.requests, asked + 1)
  })

  it('is given up at once when the server does not answer, refuses what is asked, or the account has no name', async (t) => {
    await using bed = new TokenBed(t)
    bed.cluster.failNext('createToken', away)
    assert.equal(await bed.token(), 'failed to fetch token: no answer')
    assert.match(await bed.token(web, { expirationSeconds: 599 }), /^failed to fetch token: .*10 minutes$/)
    assert.equal(bed.requests, 2)
    const nameless = bed.tokens.get(web, { ...aRequest(web), serviceAccount: '' }, t.signal)
    await assert.rejects(nameless, { message: 'failed to fetch token: resource name may not be empty' })
  })
})

describe('a token that has grown old', () => {
  it('is renewed after 80 % of its life, and not before', async (t) => {
    await using bed = new TokenBed(t)
    const first = await bed.token()
    assert.equal(await bed.renewAt(), 2880)
    await bed.advance(2879)
    assert.equal(await bed.token(), first)
    await bed.advance(1)
    assert.notEqual(await bed.token(), first)
    assert.equal(await bed.renewAt(), 2880 + 2880)
    assert.equal(bed.requests, 2)
  })

  it('is renewed after a day even if it would be good for a month', async (t) => {
    await using bed = new TokenBed(t)
    const first = await bed.token(web, { expirationSeconds: 30 * day })
    assert.equal(await bed.renewAt(web, { expirationSeconds: 30 * day }), day)
    await bed.advance(day)
    assert.notEqual(await bed.token(web, { expirationSeconds: 30 * day }), first)
  })

  it('is renewed up to ten seconds earlier than that, so that Pods of one moment do not all ask at once', async (t) => {
    await using bed = new TokenBed(t, 0.7)
    assert.equal(await bed.renewAt(), 2873)
    assert.equal(await bed.renewAt(web, { expirationSeconds: 30 * day }), day - 7)
  })

  it('lives from when it was asked for, whatever the server’s clock says and however long the answer took', async (t) => {
    await using bed = new TokenBed(t)
    const letGo = bed.gate.hold('createToken')
    const reading = bed.renewAt()
    await bed.advance(20)
    letGo()
    assert.equal(await reading, 2880)
  })

  it('is kept while it is good and cannot be renewed, which is told and tried again', async (t) => {
    await using bed = new TokenBed(t)
    const first = await bed.token()
    await bed.advance(2880)
    bed.gate.refuse('createToken', away)
    assert.deepEqual([await bed.token(), await bed.renewAt()], [first, 2890])
    assert.deepEqual(bed.faults, ['default: no answer'])
    await bed.advance(10)
    bed.gate.refuse('createToken', undefined)
    assert.notEqual(await bed.token(), first)
    assert.equal(bed.requests, 3)
  })

  it('is not asked for sooner than a server that has too much to do says', async (t) => {
    await using bed = new TokenBed(t)
    await bed.token()
    await bed.advance(2880)
    bed.cluster.failNext('createToken', new KubeletError('throttled', 'later', { retryAfterSeconds: 45 }))
    assert.equal(await bed.renewAt(), 2880 + 45)
  })

  it('is no more when it has expired and there is no other: the kubelet’s words, once, then those of a first one', async (t) => {
    await using bed = new TokenBed(t)
    await bed.token()
    await bed.advance(3600)
    bed.gate.refuse('createToken', away)
    assert.equal(await bed.token(), `token ${keyOf(aRequest(web))} expired and refresh failed: no answer`)
    assert.equal(await bed.token(), 'failed to fetch token: no answer')
    assert.deepEqual(bed.faults, [])
  })
})

describe('the tokens of a Pod that is torn down', () => {
  it('are forgotten, all of them, and those of other Pods are not', async (t) => {
    await using bed = new TokenBed(t)
    const mine = [await bed.token(), await bed.token(web, { audiences: ['vault'] })]
    const others = await bed.token(api)
    bed.tokens.forget(web)
    assert.equal(await bed.token(api), others)
    assert.notEqual(await bed.token(), mine[0])
    assert.notEqual(await bed.token(web, { audiences: ['vault'] }), mine[1])
    assert.equal(bed.requests, 5)
  })

  it('are not waited for any more', async (t) => {
    await using bed = new TokenBed(t)
    bed.gate.hold('createToken')
    const reading = bed.tokens.get(web, aRequest(web), t.signal)
    await bed.advance()
    bed.tokens.forget(web)
    await assert.rejects(reading, { code: 'aborted' })
  })
})

describe('what names a token', () => {
  it('is the kubelet’s key: account, namespace, audiences, lifetime and Pod, nothing of it secret', () => {
    const pod = 'v1.BoundObjectReference{Kind:"Pod", APIVersion:"v1", Name:"web", UID:"uid-web"}'
    assert.equal(keyOf(aRequest(web)), `"default"/"default"/[]string(nil)/3600/${pod}/""`)
    const vault = { ...aRequest(web, { audiences: ['vault'] }), serviceAccount: 'builder', namespace: 'ci' }
    assert.equal(keyOf(vault), `"builder"/"ci"/[]string{"vault"}/3600/${pod}/""`)
  })
})
