import { KubeletError } from '../model/errors.ts'
import type { SignerName } from '../model/signing-request.ts'
import { Bell } from '../util/bell.ts'
import type { Logger } from '../util/log.ts'
import { retryMs, rotationTime, satisfies } from './certificate-fit.ts'
import type { CertificateStore } from './certificate-store.ts'
import { isExpired, type KeyPair } from './key-pair.ts'
import { requestCertificate, type CertificateSource } from './requests/request-certificate.ts'
import type { RequestTemplate } from './x509/request.ts'
import { generateKeys } from './x509/signing.ts'

export interface CertificateManagerOptions {
  readonly signerName: SignerName
  /** What is to be asked for now; `undefined` as long as that is not known. */
  readonly template: () => RequestTemplate | undefined
  readonly store: CertificateStore
  /** The one to begin with; one that has ended is none. */
  readonly first: KeyPair | undefined
  /** Whether the first one is to be replaced at once, whatever it says. */
  readonly isProvisional: boolean
  /** Where to ask for the next one, with the one that is there. Throws `KubeletError` where that cannot be said now. */
  readonly source: (current: KeyPair | undefined, signal: AbortSignal) => Promise<CertificateSource>
  /** Told of each new one. */
  readonly onChange: (pair: KeyPair) => void
  /** In [0, 1). */
  readonly random: () => number
  readonly log: Logger
}

/** What metrics tell of it. */
export interface CertificateFacts {
  /** Until when the one that is used is good, epoch milliseconds; `undefined` where there is none. */
  readonly expiresAtMs: number | undefined
  /** Tries to get a new one that came to nothing. */
  readonly failures: number
  /** How long each one that was replaced had been good by then. */
  readonly replacedAfterSeconds: readonly number[]
}

/** How long somebody has to approve a request, before a new one is made. */
const approvalLimitMs = 15 * 60_000
/** A cluster that signs for next to no time is not asked at full speed. */
const leastLifeMs = 1000

/**
 * A certificate of the node that is replaced before it ends, and when it is not what would be asked for now (client-go's
 * certificate_manager.go). Each is stored before it is used.
 */
export class CertificateManager {
  readonly #options: CertificateManagerOptions
  readonly #bell = new Bell()
  readonly #replacedAfter: number[] = []
  #failures = 0
  #current: KeyPair | undefined
  /** Epoch milliseconds. */
  #dueAtMs: number
  #retryAtMs = 0
  /** In a row. */
  #failuresInARow = 0
  /** What was asked for last. */
  #asked: { readonly template: RequestTemplate; readonly stop: AbortController } | undefined

  constructor(options: CertificateManagerOptions) {
    this.#options = options
    this.#current = options.first
    this.#dueAtMs =
      this.#current === undefined || options.isProvisional ? 0 : rotationTime(this.#current, options.random())
  }

  /** The one to be used now; `undefined` where there is none, or it has ended. */
  current(): KeyPair | undefined {
    return this.#current === undefined || isExpired(this.#current, Date.now()) ? undefined : this.#current
  }

  get facts(): CertificateFacts {
    const expiresAtMs = this.current()?.leaf.validToDate.getTime()
    return { expiresAtMs, failures: this.#failures, replacedAfterSeconds: this.#replacedAfter }
  }

  /** To be called when there may be something else to ask for: a request for something else is waited for no longer. */
  templateChanged(): void {
    const template = this.#options.template()
    if (template === undefined) return
    if (this.#asked !== undefined && !isSame(this.#asked.template, template)) {
      this.#asked.stop.abort()
      this.#failuresInARow = 0
      this.#retryAtMs = 0
    }
    this.#bell.ring()
  }

  /** Runs until `signal` fires. Never throws for the server's sake. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      const template = this.#options.template()
      const dueAtMs = template === undefined ? undefined : Math.max(this.#dueAt(template), this.#retryAtMs)
      if (template === undefined || dueAtMs === undefined || dueAtMs > Date.now())
        await this.#bell.wait(dueAtMs, signal)
      else await this.#replace(template, signal)
    }
  }

  #dueAt(template: RequestTemplate): number {
    return this.#current !== undefined && satisfies(this.#current, template) ? this.#dueAtMs : 0
  }

  async #replace(template: RequestTemplate, signal: AbortSignal): Promise<void> {
    const { signerName, log } = this.#options
    const stop = new AbortController()
    this.#asked = { template, stop }
    try {
      const pair = await this.#request(template, AbortSignal.any([signal, stop.signal]))
      const isAsAsked = satisfies(pair, template)
      // One that lacks something is better than none, and no better than the one that is there.
      if (isAsAsked || this.current() === undefined || Date.now() >= this.#dueAtMs) await this.#take(pair)
      if (!isAsAsked) throw new KubeletError('internal', 'it is not what was asked for')
      this.#failuresInARow = 0
      this.#retryAtMs = 0
    } catch (error) {
      // There is something else to ask for, at once; or the agent ends.
      if (stop.signal.aborted || signal.aborted) return
      this.#failures += 1
      this.#failuresInARow += 1
      const retryInMs = retryMs(this.#failuresInARow)
      this.#retryAtMs = Date.now() + retryInMs
      log.error('No certificate could be had that is as it should be', { signer: signerName, error, retryInMs })
    }
  }

  async #request(template: RequestTemplate, signal: AbortSignal): Promise<KeyPair> {
    const { signerName, source, log } = this.#options
    const { privateKey } = generateKeys()
    return requestCertificate(
      {
        source: await source(this.current(), signal),
        signerName,
        template,
        privateKey,
        naming: 'new',
        limitMs: approvalLimitMs,
        onWaiting: (request) =>
          log.info('A certificate is asked for, and waits to be approved and signed', { request, signer: signerName }),
        onFault: (error, retryInMs) =>
          log.warn('How the request for a certificate stands could not be read', { error, retryInMs }),
      },
      signal,
    )
  }

  async #take(pair: KeyPair): Promise<void> {
    const { store, random, onChange, log, signerName } = this.#options
    const nowMs = Date.now()
    await store.update(pair, nowMs)
    const before = this.#current
    if (before !== undefined) this.#replacedAfter.push((nowMs - before.leaf.validFromDate.getTime()) / 1000)
    this.#current = pair
    // Not at once, even if it was to be replaced before it came.
    this.#dueAtMs = Math.max(rotationTime(pair, random()), nowMs + leastLifeMs)
    log.info('There is a new certificate', { signer: signerName, path: store.currentPath, ends: pair.leaf.validTo })
    onChange(pair)
  }
}

function isSame(left: RequestTemplate, right: RequestTemplate): boolean {
  return JSON.stringify(left) === JSON.stringify(right)
}
