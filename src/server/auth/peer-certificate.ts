import { X509Certificate } from 'node:crypto'
import { TLSSocket } from 'node:tls'
import type { Caller } from '../../model/access.ts'
import { KubeletError } from '../../model/errors.ts'
import { callerOfCertificate } from './callers.ts'

/** Who a connection's certificate says it is, for as long as that is to be believed. */
interface Known {
  readonly caller: Caller | undefined
  /** The CAs that it was found to come from. */
  readonly clientCa: string
  readonly validFromMs: number
  readonly validToMs: number
}

/**
 * Callers by the certificate of their connection. OpenSSL has verified it in the handshake, its purpose included, with
 * the CAs of that moment; a connection may outlive both the certificate and the CA, so that is
 * looked at again for each request.
 */
export class PeerCertificates {
  readonly #clientCa: () => string | undefined
  readonly #atHandshake = new WeakMap<object, string | undefined>()
  readonly #known = new WeakMap<object, Known>()

  /** `clientCa`: the CAs whose certificates count now, PEM; `undefined` when none do. */
  constructor(clientCa: () => string | undefined) {
    this.#clientCa = clientCa
  }

  /** To be told of each connection when its handshake is over. */
  connected(socket: TLSSocket): void {
    this.#atHandshake.set(socket, this.#clientCa())
  }

  /** `undefined` where no certificate was shown, or it names nobody. Throws `unauthorized` for one that does not hold. */
  callerOf(socket: object, nowMs: number): Caller | undefined {
    const clientCa = this.#clientCa()
    if (clientCa === undefined || !(socket instanceof TLSSocket)) return undefined
    let known = this.#known.get(socket)
    if (known?.clientCa !== clientCa) {
      known = read(socket, clientCa, this.#atHandshake.get(socket))
      if (known === undefined) return undefined
      this.#known.set(socket, known)
    }
    if (nowMs < known.validFromMs || nowMs > known.validToMs) throw unverified('it is not valid now')
    return known.caller
  }
}

function read(socket: TLSSocket, clientCa: string, atHandshake: string | undefined): Known | undefined {
  // Asked for before `authorized`: Node calls a TLS 1.3 session that was resumed authorized even without any certificate.
  const certificate = socket.getPeerX509Certificate()
  if (certificate === undefined) return undefined
  if (!socket.authorized) throw unverified(String(socket.authorizationError))
  // What a client sent besides its own certificate is not kept: who came by way of another CA has to connect again.
  if (clientCa !== atHandshake && !isIssuedBy(certificate, clientCa)) throw unverified('its CA is not trusted any more')
  const caller = callerOfCertificate({ ...socket.getPeerCertificate().subject }, certificate.fingerprint256)
  if (typeof caller === 'string') throw unverified(caller)
  const [validFromMs, validToMs] = [certificate.validFromDate.getTime(), certificate.validToDate.getTime()]
  return { caller, clientCa, validFromMs, validToMs }
}

const pemBlock = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/gu

function isIssuedBy(certificate: X509Certificate, clientCa: string): boolean {
  const anchors = (clientCa.match(pemBlock) ?? []).map((block) => new X509Certificate(block))
  return anchors.some((anchor) => certificate.checkIssued(anchor) && certificate.verify(anchor.publicKey))
}

function unverified(why: string): KubeletError {
  return new KubeletError('unauthorized', `The client's certificate does not hold: ${why}`)
}
