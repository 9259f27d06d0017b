import assert from 'node:assert/strict'
import { mkdtempDisposable, readFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { CertificateManager } from '../../../src/certificates/certificate-manager.ts'
import { CertificateStore } from '../../../src/certificates/certificate-store.ts'
import type { KeyPair } from '../../../src/certificates/key-pair.ts'
import { makeRequest } from '../../../src/certificates/requests/make-request.ts'
import { clientTemplate, servingSigner, servingTemplate } from '../../../src/certificates/requests/node-request.ts'
import { generateKeys } from '../../../src/certificates/x509/signing.ts'
import { KubeletError } from '../../../src/model/errors.ts'
import { FakeApiServer } from '../../fakes/fake-api-server.ts'
import { FakeCluster } from '../../fakes/fake-cluster.ts'
import { issuedPair } from '../../support/issued-pair.ts'
import { keptLog, type LogLine } from '../../support/kept-log.ts'
import { quiet } from '../../support/quiet.ts'
import { StoppedClock } from '../../support/stopped-clock.ts'

const startMs = Date.parse('2026-05-01T12:00:00Z')
const [second, minute, hour] = [1000, 60_000, 3_600_000]

interface Given {
  readonly first?: (server: FakeApiServer) => Promise<KeyPair>
  readonly isProvisional?: boolean
  /** The node's addresses. */
  readonly ips?: readonly string[]
  /** What becomes of a request; by default it is signed for ten hours at once. */
  readonly approve?: ((server: FakeApiServer, name: string) => void) | undefined
}

/** The serving certificate of a node, on a clock that stands. */
async function managed(t: TestContext, given: Given = {}) {
  const folder = await mkdtempDisposable(join(tmpdir(), 'certificate-manager-'))
  const clock = new StoppedClock(t.mock, startMs)
  const stop = new AbortController()
  const server = new FakeApiServer()
  const cluster = new FakeCluster({ server })
  const approve = 'approve' in given ? given.approve : signFor(10 * hour)
  server.signing.approver = ({ metadata }) => approve?.(server, metadata.name)
  const state = { ips: given.ips ?? ['10.0.0.7'], used: 0 }
  const { log, lines } = keptLog()
  const store = new CertificateStore(folder.path, 'kubelet-server')
  const manager = new CertificateManager({
    signerName: servingSigner,
    template: () =>
      servingTemplate(
        'node-1',
        state.ips.map((address) => ({ type: 'InternalIP', address })),
      ),
    store,
    first: await given.first?.(server),
    isProvisional: given.isProvisional ?? false,
    source: async () => cluster,
    onChange: () => (state.used += 1),
    random: () => 0.5,
    log,
  })
  const ended = manager.run(stop.signal)
  t.after(async () => {
    stop.abort()
    await ended
    clock[Symbol.dispose]()
    await folder.remove()
  })
  return {
    manager,
    server,
    cluster,
    store,
    lines,
    state,
    pass: (ms: number) => clock.pass(ms, quiet),
    asked: () => server.signing.drafts.length,
  }
}

function signFor(ms: number) {
  return (server: FakeApiServer, name: string): void => server.signing.issue(name, Date.now(), Date.now() + ms)
}

function serving(server: FakeApiServer, validForMs: number, ...ips: readonly string[]): Promise<KeyPair> {
  const template = servingTemplate(
    'node-1',
    ips.map((address) => ({ type: 'InternalIP', address })),
  )
  return issuedPair(server.signing.authority, startMs, startMs + validForMs, template)
}

function faults(lines: readonly LogLine[]): readonly string[] {
  return lines.flatMap(({ level, fields }) =>
    level === 'error' && fields['error'] instanceof Error ? [fields['error'].message] : [],
  )
}

describe('A certificate that the cluster signs', () => {
  it('is asked for when there is none, and stored before it is used', async (t) => {
    const { manager, server, store, state, pass } = await managed(t)
    assert.equal(manager.current(), undefined)
    await pass(0)
    assert.equal(manager.current()?.leaf.subjectAltName, 'IP Address:10.0.0.7')
    assert.deepEqual([state.used, server.signing.drafts.length], [1, 1])
    assert.deepEqual(server.signing.drafts[0]?.usages, ['digital signature', 'server auth'])
    assert.equal(server.signing.drafts[0].signerName, 'kubernetes.io/kubelet-serving')
    assert.equal(server.signing.drafts[0].name, undefined)
    assert.equal((await store.current())?.certificatePem, manager.current()?.certificatePem)
  })

  it('is used as it is while it has life left, and replaced when eight tenths of it are over', async (t) => {
    const { manager, asked, pass } = await managed(t, {
      first: (server) => serving(server, 10 * hour, '10.0.0.7'),
    })
    const first = manager.current()
    await pass(8 * hour - second)
    assert.equal(asked(), 0)
    await pass(second)
    assert.equal(asked(), 1)
    assert.notEqual(manager.current()?.leaf.serialNumber, first?.leaf.serialNumber)
    const { expiresAtMs, ...counts } = manager.facts
    assert.equal(expiresAtMs, startMs + 18 * hour)
    assert.deepEqual(counts, { failures: 0, replacedAfterSeconds: [8 * 3600] })
    await pass(8 * hour)
    assert.equal(asked(), 2)
  })

  it('has another key each time', async (t) => {
    const { manager, pass } = await managed(t)
    await pass(0)
    const first = manager.current()?.keyPem
    await pass(8 * hour)
    assert.notEqual(manager.current()?.keyPem, first)
  })

  it('is not used any more when it has ended and no other came', async (t) => {
    const { manager, pass } = await managed(t, {
      first: (server) => serving(server, hour, '10.0.0.7'),
      approve: undefined,
    })
    await pass(hour)
    assert.notEqual(manager.current(), undefined)
    await pass(second)
    assert.equal(manager.current(), undefined)
  })

  it('is replaced at once where the first was only to begin with', async (t) => {
    const { asked, pass } = await managed(t, {
      first: (server) => serving(server, 10 * hour, '10.0.0.7'),
      isProvisional: true,
    })
    await pass(0)
    assert.equal(asked(), 1)
  })

  it('is asked for again after 2, 4, 8 and 16 seconds, and then every 32', async (t) => {
    const denied = (server: FakeApiServer, name: string): void =>
      server.signing.decide(name, { kind: 'denied', reason: 'No', message: 'not you' })
    const { manager, asked, lines, pass } = await managed(t, { approve: denied })
    const counts: number[] = []
    for (const wait of [0, 2, 4, 8, 16, 32, 32]) {
      await pass(wait * second - 1)
      counts.push(asked())
      await pass(1)
    }
    assert.deepEqual(counts, [1, 1, 2, 3, 4, 5, 6])
    assert.equal(manager.facts.failures, 7)
    assert.equal(faults(lines.items)[0], 'certificate signing request "csr-1" is denied, reason: No, message: not you')
  })

  it('is asked for anew when nobody has approved it for a quarter of an hour', async (t) => {
    const { manager, server, asked, lines, pass } = await managed(t, { approve: undefined })
    await pass(15 * minute - second)
    assert.equal(asked(), 1)
    await pass(second)
    assert.match(faults(lines.items)[0] ?? '', /^timed out waiting for the condition: nobody has approved and signed/u)
    await pass(2 * second)
    assert.equal(asked(), 2)
    // The old one counts no more; the new one does, whenever it comes.
    server.signing.issue('csr-1', Date.now(), Date.now() + hour)
    await pass(minute)
    assert.equal(manager.current(), undefined)
    server.signing.issue('csr-2', Date.now(), Date.now() + hour)
    await pass(0)
    assert.notEqual(manager.current(), undefined)
  })

  it('is used when it is signed, however long after it was approved', async (t) => {
    const { manager, server, pass } = await managed(t, { approve: undefined })
    await pass(minute)
    server.signing.decide('csr-1', { kind: 'approved' })
    await pass(minute)
    assert.equal(manager.current(), undefined)
    server.signing.issue('csr-1', Date.now(), Date.now() + hour)
    await pass(0)
    assert.notEqual(manager.current(), undefined)
  })

  it('is asked for when the node has got an address that it lacks, and not when one has gone', async (t) => {
    const { manager, state, asked, pass } = await managed(t, {
      first: (server) => serving(server, 10 * hour, '10.0.0.7', '10.0.0.8'),
    })
    state.ips = ['10.0.0.8']
    manager.templateChanged()
    await pass(0)
    assert.equal(asked(), 0)
    state.ips = ['10.0.0.8', 'fd00::1']
    manager.templateChanged()
    await pass(0)
    assert.equal(manager.current()?.leaf.subjectAltName, 'IP Address:10.0.0.8, IP Address:FD00:0:0:0:0:0:0:1')
  })

  it('is asked for at once for other addresses, while those from before wait for approval', async (t) => {
    const { manager, server, state, pass } = await managed(t, { approve: undefined })
    await pass(minute)
    state.ips = ['10.0.0.9']
    manager.templateChanged()
    await pass(0)
    assert.equal(server.signing.drafts.length, 2)
    server.signing.issue('csr-2', Date.now(), Date.now() + hour)
    await pass(0)
    assert.equal(manager.current()?.leaf.subjectAltName, 'IP Address:10.0.0.9')
    assert.equal(manager.facts.failures, 0)
  })

  it('is not asked for before the node has an address', async (t) => {
    const { manager, state, asked, pass } = await managed(t, { ips: [] })
    await pass(hour)
    assert.equal(asked(), 0)
    state.ips = ['10.0.0.7']
    manager.templateChanged()
    await pass(0)
    assert.equal(asked(), 1)
  })

  it('is not taken when it belongs to another key', async (t) => {
    const { manager, lines, asked, pass } = await managed(t, {
      approve: (server, name) => {
        const { authority } = server.signing
        const request = makeRequest(clientTemplate('node-1'), generateKeys().privateKey)
        const certificatePem = authority.sign(request, Date.now(), Date.now() + hour)
        server.signing.decide(name, { kind: 'issued', certificatePem })
      },
    })
    await pass(2 * second)
    assert.equal(manager.current(), undefined)
    assert.match(faults(lines.items)[0] ?? '', /private key does not match public key$/u)
    assert.equal(asked(), 2)
  })

  it('is used, once, and asked for again after a while, where the signer left out what was asked for', async (t) => {
    const { manager, state, lines, asked, pass } = await managed(t, {
      approve: (server, name) => {
        const { authority } = server.signing
        const { request } = server.signing.require(name)
        const certificatePem = authority.sign(request, Date.now(), Date.now() + hour, { withNames: false })
        server.signing.decide(name, { kind: 'issued', certificatePem })
      },
    })
    await pass(2 * second)
    assert.notEqual(manager.current(), undefined)
    assert.equal(faults(lines.items)[0], 'it is not what was asked for')
    assert.equal(asked(), 2)
    await pass(62 * second - 1)
    assert.equal(asked(), 6)
    assert.equal(state.used, 1)
    await pass(hour)
    assert.equal(state.used, 2)
    assert.notEqual(manager.current(), undefined)
  })

  it('stays when the API server does not answer, and is replaced when it does', async (t) => {
    const { manager, cluster, asked, pass } = await managed(t, {
      first: (server) => serving(server, 10 * hour, '10.0.0.7'),
    })
    const away = new KubeletError('unavailable', 'connection refused')
    for (let i = 0; i < 3; i += 1) cluster.failNext('signingRequests.create', away)
    await pass(8 * hour)
    assert.equal(asked(), 0)
    assert.notEqual(manager.current(), undefined)
    await pass(14 * second)
    assert.equal(asked(), 1)
  })

  it('is the old one, on disk and in use, when the new one cannot be stored', async (t) => {
    const { manager, store, pass } = await managed(t)
    await pass(0)
    const first = await readFile(store.currentPath, 'utf8')
    t.mock.method(store, 'update', async () => {
      throw new KubeletError('configuration', 'no space left on device')
    })
    const serial = manager.current()?.leaf.serialNumber
    await pass(8 * hour)
    assert.equal(manager.current()?.leaf.serialNumber, serial)
    assert.equal(await readFile(store.currentPath, 'utf8'), first)
  })
})
