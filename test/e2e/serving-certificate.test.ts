/** The certificate of the HTTPS port, from the cluster and from files, as clients see it. */
import assert from 'node:assert/strict'
import { once } from 'node:events'
import { copyFile, readFile, stat } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { connect, type ConnectionOptions, type PeerCertificate } from 'node:tls'
import { resolveCredentials } from '../../src/cluster/resolve-credentials.ts'
import { hack, run } from '../support/command.ts'
import { JoiningNode } from '../support/joining-node.ts'
import { openssl } from '../support/openssl.ts'

const signer = 'kubernetes.io/kubelet-serving'

/** The certificate that a port shows. Rejects where there is none. */
async function shown(port: number, options: ConnectionOptions = {}): Promise<PeerCertificate> {
  const socket = connect({ host: '127.0.0.1', port, rejectUnauthorized: false, ...options })
  await once(socket, 'secureConnect')
  const certificate = socket.getPeerCertificate()
  socket.destroy()
  return certificate
}

/**
 * What the administrator is told on a connection that is verified. Newer API servers pass
 * nothing on to loopback addresses.
 */
async function healthSeenByAdministrator(port: number): Promise<string> {
  const { ca, certificate: cert, key } = await resolveCredentials(await hack('control-plane.sh', 'kubeconfig'))
  const sent = request({ host: '127.0.0.1', port, path: '/healthz', ca, cert, key, agent: false })
  sent.end()
  const [response]: IncomingMessage[] = await once(sent, 'response')
  return response === undefined ? '' : text(response)
}

describe('The serving certificate of a node', () => {
  it('comes from the cluster when it is asked for: no connection before, any with its addresses after', async () => {
    await using node = await JoiningNode.make('ask', 'be approved')
    const agent = node.start('--rotate-server-certificates')
    const { metadata, spec } = await node.untilRequest(signer, 'for the node')
    assert.equal(spec.username, `system:node:${node.name}`)
    await assert.rejects(shown(node.port))
    await agent.log.first(
      'a word about it',
      ({ reason }) => reason === 'no serving certificate available for the kubelet',
    )
    await node.kubectl.run('certificate', 'approve', metadata.name)
    await agent.log.first('a new certificate', ({ msg }) => msg === 'There is a new certificate')

    const { ca = '' } = await resolveCredentials(node.kubeconfig)
    const certificate = await shown(node.port, { ca, rejectUnauthorized: true })
    assert.deepEqual({ ...certificate.subject }, { O: 'system:nodes', CN: `system:node:${node.name}` })
    assert.equal(certificate.subjectaltname, `DNS:${node.name}, IP Address:127.0.0.1`)
    const current = join(node.pki, 'kubelet-server-current.pem')
    assert.match(await run('readlink', current), /\/kubelet-server-\d{4}(?:-\d\d){5}\.pem$/u)
    assert.equal((await stat(current)).mode & 0o777, 0o600)
    assert.equal(await openssl(['x509', '-noout', '-ext', 'extendedKeyUsage', '-in', current]), usage)
    assert.equal(await healthSeenByAdministrator(node.port), 'ok')

    // The next start has it already.
    await agent.stop()
    const again = node.start('--rotate-server-certificates')
    await again.log.first('a registered node', ({ msg }) => msg === 'The node is registered')
    assert.equal((await shown(node.port, { ca, rejectUnauthorized: true })).serialNumber, certificate.serialNumber)
  })

  it('is self-signed otherwise, the same at the next start; files that are given are read again when they change', async () => {
    await using node = await JoiningNode.make('ask', 'be approved')
    const ready = (agent: ReturnType<JoiningNode['start']>) =>
      agent.log.first('a registered node', ({ msg }) => msg === 'The node is registered')
    const first = node.start()
    await ready(first)
    const selfSigned = await shown(node.port)
    assert.match(String(selfSigned.subject.CN), new RegExp(`^${node.name}@\\d+$`, 'u'))
    await first.stop()
    const second = node.start()
    await ready(second)
    assert.equal((await shown(node.port)).serialNumber, selfSigned.serialNumber)
    await second.stop()

    const files = [join(node.folder, 'tls.crt'), join(node.folder, 'tls.key')] as const
    await Promise.all([
      copyFile(join(node.pki, 'kubelet.crt'), files[0]),
      copyFile(join(node.pki, 'kubelet.key'), files[1]),
    ])
    const third = node.start(`--tls-cert-file=${files[0]}`, `--tls-private-key-file=${files[1]}`)
    await ready(third)
    assert.equal((await shown(node.port)).serialNumber, selfSigned.serialNumber)
    const name = 'node.example'
    const key = [
      '-newkey',
      'ec',
      '-pkeyopt',
      'ec_paramgen_curve:P-256',
      '-nodes',
      '-keyout',
      files[1],
      '-out',
      files[0],
    ]
    await openssl(['req', '-x509', ...key, '-days', '1', '-subj', `/CN=${name}`])
    await third.log.first('a word about it', ({ msg }) => msg === 'The serving certificate has changed')
    assert.equal((await shown(node.port)).subject.CN, name)
    assert.ok((await readFile(files[0], 'utf8')).startsWith('-----BEGIN CERTIFICATE-----'))
  })
})

const usage = 'X509v3 Extended Key Usage: \n    TLS Web Server Authentication\n'
