import { execFile } from 'node:child_process'
import { extname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { KubeletError } from '../model/errors.ts'
import { abortable } from '../util/abortable.ts'
import { FileChanges } from '../util/file-changes.ts'
import { decodeCredentialAnswer, type ApiCredentials } from './kubeconfig/api-credentials.ts'

/** Who says what to send to the API server. An answer that did not change is the same object as before. */
export interface CredentialProvider {
  /** The credentials to use now. Throws `configuration` or `unauthorized` where there are none yet. */
  current(signal: AbortSignal): Promise<ApiCredentials>
  /** Called when the server answered 401: reads them again, unless that was done a moment ago. */
  renewed(signal: AbortSignal): Promise<ApiCredentials>
  /** Ends what is under way. */
  close(): void
}

export interface KubeconfigCredentialsOptions {
  /** Path of the kubeconfig; without one see `loadKubeconfig`. */
  readonly kubeconfig: string | undefined
  /** The flag that has named it, for messages. Default: `--kubeconfig`. */
  readonly flag?: string
  /** Told when credentials that were to be renewed could not be; the old ones stay in use. */
  readonly onFault: (error: KubeletError) => void
  /** Told when there are others than before. */
  readonly onChange?: () => void
  /** Epoch milliseconds; the system's clock when left out. */
  readonly now?: () => number
}

/** A credential plugin may ask an identity provider over a slow line. */
const resolveLimitMs = 60_000
/** A server that keeps answering 401 makes us read the files this often, and not for each request. */
const renewEveryMs = 20_000

interface Resolved {
  readonly credentials: ApiCredentials
  readonly resolvedAtMs: number
  /** From then on they are renewed beside the requests: after four fifths of their remaining life. */
  readonly renewAtMs: number
}

/**
 * The credentials of a kubeconfig, kept fresh: read again before they end, when they are refused, and when a file changes
 * that the kubeconfig names. It is read in a process of its own (resolve-credentials.ts).
 */
export class KubeconfigCredentials implements CredentialProvider {
  readonly #options: KubeconfigCredentialsOptions
  readonly #now: () => number
  readonly #closed = new AbortController()
  #resolved: Resolved | undefined
  #resolving: Promise<Resolved> | undefined
  #watched: { readonly paths: readonly string[]; readonly changes: Disposable } | undefined

  constructor(options: KubeconfigCredentialsOptions) {
    this.#options = options
    this.#now = options.now ?? Date.now
  }

  async current(signal: AbortSignal): Promise<ApiCredentials> {
    const resolved = this.#resolved
    if (resolved === undefined) return (await this.#resolve(signal)).credentials
    if (this.#now() >= resolved.renewAtMs) void this.#renewBeside(resolved, signal)
    return resolved.credentials
  }

  async renewed(signal: AbortSignal): Promise<ApiCredentials> {
    const resolved = this.#resolved
    if (resolved !== undefined && this.#now() - resolved.resolvedAtMs < renewEveryMs) return resolved.credentials
    return (await this.#resolve(signal)).credentials
  }

  close(): void {
    this.#closed.abort()
    this.#watched?.changes[Symbol.dispose]()
  }

  /** One reading serves everybody who asks meanwhile; it goes on for the others when one caller's `signal` fires. */
  #resolve(signal: AbortSignal): Promise<Resolved> {
    this.#resolving ??= this.#run().finally(() => (this.#resolving = undefined))
    return abortable(this.#resolving, signal, 'Stopped waiting for the API credentials')
  }

  async #run(): Promise<Resolved> {
    const fresh = decodeCredentialAnswer(await runResolver(this.#options, this.#closed.signal))
    const known = this.#resolved?.credentials
    const credentials = known !== undefined && JSON.stringify(known) === JSON.stringify(fresh) ? known : fresh
    const now = this.#now()
    const resolved = { credentials, resolvedAtMs: now, renewAtMs: renewAt(credentials, now) }
    this.#resolved = resolved
    this.#watch(credentials)
    if (known !== undefined && credentials !== known) this.#options.onChange?.()
    return resolved
  }

  #watch({ files }: ApiCredentials): void {
    const paths = Object.values(files).filter((path) => typeof path === 'string')
    if (this.#closed.signal.aborted || this.#watched?.paths.join('\n') === paths.join('\n')) return
    this.#watched?.changes[Symbol.dispose]()
    this.#watched = { paths, changes: new FileChanges(paths, () => void this.#fileChanged()) }
  }

  async #fileChanged(): Promise<void> {
    // What is being read may have been read before the change.
    await this.#resolving?.catch(() => {})
    const resolved = this.#resolved
    if (resolved !== undefined) await this.#renewBeside(resolved, this.#closed.signal)
  }

  async #renewBeside(resolved: Resolved, signal: AbortSignal): Promise<void> {
    // Put off first, so that a failure is not repeated with each request.
    this.#resolved = { ...resolved, renewAtMs: this.#now() + renewEveryMs }
    try {
      await this.#resolve(signal)
    } catch (error) {
      const fault = KubeletError.from(error)
      if (fault.code !== 'aborted') this.#options.onFault(fault)
    }
  }
}

function renewAt(credentials: ApiCredentials, now: number): number {
  // What has ended already waits for the server's no.
  if (credentials.expiresAtMs === undefined || credentials.expiresAtMs <= now) return Infinity
  return now + Math.max(renewEveryMs, (credentials.expiresAtMs - now) * 0.8)
}

async function runResolver(
  { kubeconfig, flag }: Pick<KubeconfigCredentialsOptions, 'kubeconfig' | 'flag'>,
  signal: AbortSignal,
): Promise<string> {
  // Beside this file, and of its kind: .ts in the sources, .js in dist/.
  const script = fileURLToPath(new URL(`./resolve-credentials${extname(import.meta.url)}`, import.meta.url))
  const args = [script, kubeconfig, flag].filter((arg) => arg !== undefined)
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args, { timeout: resolveLimitMs, signal })
    return stdout
  } catch (error) {
    if (signal.aborted) throw KubeletError.from(error)
    throw new KubeletError('internal', 'The process that resolves the API credentials failed', { cause: error })
  }
}
