import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { KubeletError } from '../../../../src/model/errors.ts'
import { podUid } from '../../../../src/model/ids.ts'
import { ObjectBed, settings, web } from './object-bed.ts'

const api = podUid('uid-api')
const timedOut = 'failed to sync configmap cache: timed out waiting for the condition'

describe('the cache of ConfigMaps and Secrets', () => {
  it('asks for one by one list and one watch, however many Pods read it, and keeps the two kinds apart', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    bed.server.objects.put({ ...settings, kind: 'Secret', data: { a: 'Mg==' } })
    const pods = Array.from({ length: 200 }, (_, index) => podUid(`uid-${index}`))
    assert.deepEqual(new Set(await Promise.all(pods.map((uid) => bed.read(uid)))), new Set(['1']))
    await bed.advance()
    assert.equal(bed.requests, '1 + 1')
    assert.equal(await bed.read(web, { ...settings, kind: 'Secret' }), 'Mg==')
  })

  it('gives what the watch says as soon as it has said it, and tells the Pods that have read it', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    await bed.read(web)
    await bed.read(api)
    bed.put('2')
    await bed.advance()
    assert.equal(await bed.read(), '2')
    assert.deepEqual(bed.told, [web, api])
    bed.server.objects.delete(settings)
    await bed.advance()
    assert.equal(await bed.read(), 'configmap "settings" not found')
    assert.deepEqual(bed.told, [web, api, web, api])
    assert.equal(bed.requests, '1 + 1')
  })

  it('says in the kubelet’s words that there is none, and tells of it when it comes', async (t) => {
    await using bed = new ObjectBed(t)
    assert.equal(await bed.read(), 'configmap "settings" not found')
    assert.equal(await bed.read(web, { ...settings, kind: 'Secret' }), 'secret "settings" not found')
    assert.deepEqual(bed.told, [])
    bed.put('1')
    await bed.advance()
    assert.deepEqual(bed.told, [web])
    assert.equal(await bed.read(), '1')
  })

  it('is asked ahead: who reads later waits for nothing', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    bed.cache.expect(web, [settings])
    await bed.advance()
    bed.gate.refuseAll(new KubeletError('unavailable', 'gone away'))
    assert.equal(await bed.read(), '1')
  })

  it('gives up after a second, and tells of the answer when it comes', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    const release = bed.gate.hold('listObject')
    const first = bed.read()
    await bed.advance(999)
    const second = bed.read(api)
    await bed.advance(1)
    assert.equal(await first, timedOut)
    await bed.advance(999)
    assert.equal(await second, timedOut)
    release()
    await bed.advance()
    assert.deepEqual(bed.told, [web, api])
    assert.equal(await bed.read(), '1')
  })

  it('tries on while the server forbids it, as it does until it has learned of the Pod, and says why it waits', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    const forbidden = new KubeletError('forbidden', 'no relationship found between node and this object')
    bed.gate.refuse('listObject', forbidden)
    const read = bed.read()
    await bed.advance(1000)
    assert.equal(await read, timedOut)
    assert.deepEqual(bed.faults, [forbidden])
    bed.gate.refuse('listObject', undefined)
    assert.equal(await bed.read(), '1')
  })

  it('keeps what it knows while the server is away, and learns what it missed', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    await bed.read()
    await bed.advance()
    const away = new KubeletError('unavailable', 'no connection')
    bed.gate.refuseAll(away)
    bed.server.objects.watches.end(away)
    await bed.advance()
    assert.equal(await bed.read(), '1')
    bed.put('2')
    bed.gate.refuseAll(undefined)
    await bed.untilTold()
    assert.equal(await bed.read(), '2')
  })

  it('does not go back to what a server says that lags behind', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    bed.put('2')
    await bed.read()
    await bed.advance()
    const metadata = { namespace: 'default', name: 'settings', uid: 'uid-of-default-settings', resourceVersion: '2' }
    const object = { metadata, data: { a: '1' } }
    bed.server.objects.watches.append(100, 'ConfigMap default/settings', { kind: 'set', object })
    await bed.advance()
    assert.equal(await bed.read(), '2')
    assert.deepEqual(bed.told, [])
  })

  it('ends when the reader does, and not for the others', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    const release = bed.gate.hold('listObject')
    const stop = new AbortController()
    const ended = bed.cache.get(web, settings, stop.signal)
    const other = bed.read(api)
    stop.abort()
    await assert.rejects(ended, (error) => KubeletError.is(error, 'aborted'))
    release()
    assert.equal(await other, '1')
  })
})

describe('an object that nobody reads', () => {
  it('is not watched any more after a while, and is read anew when it is needed', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    await bed.read()
    await bed.advance(119_999)
    assert.equal(bed.server.objects.watches.open, 1)
    await bed.read()
    await bed.advance(119_999)
    assert.equal(bed.server.objects.watches.open, 1)
    await bed.advance(1)
    assert.equal(bed.server.objects.watches.open, 0)
    bed.put('2')
    assert.equal(await bed.read(), '2')
    await bed.advance()
    assert.equal(bed.requests, '2 + 2')
  })

  it('is dropped with the last Pod that has read it', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1')
    await bed.read(web)
    await bed.read(api)
    await bed.advance()
    bed.cache.forget(web)
    await bed.advance()
    assert.equal(bed.server.objects.watches.open, 1)
    bed.cache.forget(api)
    await bed.advance()
    assert.equal(bed.server.objects.watches.open, 0)
    bed.put('2')
    await bed.advance()
    assert.deepEqual(bed.told, [])
  })

  it('needs no watch when it is immutable', async (t) => {
    await using bed = new ObjectBed(t)
    bed.put('1', { immutable: true })
    await bed.read()
    await bed.advance(60_000)
    assert.equal(await bed.read(), '1')
    assert.equal(bed.requests, '1 + 0')
    bed.put('2', { immutable: true })
    await bed.advance(120_000)
    assert.equal(await bed.read(), '2')
  })
})
