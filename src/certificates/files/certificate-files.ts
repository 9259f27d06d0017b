import { KubeletError } from '../../model/errors.ts'
import { failureText } from '../../util/file-error.ts'
import { FileChanges } from '../../util/file-changes.ts'
import type { Logger } from '../../util/log.ts'
import type { KeyPair } from '../key-pair.ts'
import { readPair, type CertificatePaths } from './self-signed-files.ts'

/**
 * A serving certificate that somebody else keeps in two files. They are read again whenever they change; a pair that cannot be
 * used is told of in the log, and the one before it stays in use (pkg/kubelet/certificate/kubelet.go,
 * kubeletServerCertificateDynamicFileManager).
 */
export class CertificateFiles implements Disposable {
  readonly #paths: CertificatePaths
  readonly #log: Logger
  readonly #onChange: () => void
  readonly #changes: FileChanges
  #current: KeyPair
  /** One at a time, the last one with the last word. */
  #reading: Promise<void> = Promise.resolve()

  private constructor(paths: CertificatePaths, current: KeyPair, log: Logger, onChange: () => void) {
    this.#paths = paths
    this.#current = current
    this.#log = log
    this.#onChange = onChange
    this.#changes = new FileChanges([paths.certificate, paths.key], () => {
      this.#reading = this.#reading.then(() => this.#read())
    })
    // What has changed before they were watched.
    this.#reading = this.#read()
  }

  /** Throws `configuration` for files that are not there or hold no pair: at the start nobody is served with less. */
  static async open(paths: CertificatePaths, log: Logger, onChange: () => void): Promise<CertificateFiles> {
    try {
      return new CertificateFiles(paths, await readPair(paths), log, onChange)
    } catch (error) {
      const text = `Cannot serve with --tls-cert-file and --tls-private-key-file: ${failureText(error)}`
      throw new KubeletError('configuration', text, { cause: error })
    }
  }

  current(): KeyPair {
    return this.#current
  }

  [Symbol.dispose](): void {
    this.#changes[Symbol.dispose]()
  }

  async #read(): Promise<void> {
    try {
      const read = await readPair(this.#paths)
      if (read.certificatePem === this.#current.certificatePem && read.keyPem === this.#current.keyPem) return
      this.#current = read
    } catch (error) {
      this.#log.error('The serving certificate has changed and cannot be used; the one before it stays in use', {
        reason: failureText(error),
      })
      return
    }
    this.#log.info('The serving certificate has changed', { path: this.#paths.certificate })
    this.#onChange()
  }
}
