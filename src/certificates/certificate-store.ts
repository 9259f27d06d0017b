import { lstat, readFile, rename, rm, symlink } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { KubeletError } from '../model/errors.ts'
import { failureText } from '../util/file-error.ts'
import { hasCode } from '../util/has-code.ts'
import { writeAtomically } from '../util/write-atomically.ts'
import { parseKeyPair, type KeyPair } from './key-pair.ts'

/** Whose certificates a store keeps: the beginning of its files' names. */
export type StorePrefix = 'kubelet-client' | 'kubelet-server'

/**
 * Certificates as the kubelet keeps them (client-go's util/certificate, certificate_store.go): each with its key in a
 * file of its own, `<prefix>-<time>.pem`, and a symbolic link `<prefix>-current.pem` to the one in
 * use. Only root may read them.
 */
export class CertificateStore {
  readonly #folder: string
  readonly #prefix: StorePrefix

  constructor(folder: string, prefix: StorePrefix) {
    this.#folder = folder
    this.#prefix = prefix
  }

  /** Where the one in use is, whichever it is. */
  get currentPath(): string {
    return this.#path('current')
  }

  /**
   * The one in use; `undefined` where there is none. Throws `configuration` for one that
   * cannot be used, naming the file.
   */
  async current(): Promise<KeyPair | undefined> {
    await this.#recover()
    try {
      const text = await readFile(this.currentPath, 'utf8')
      return parseKeyPair(text, text)
    } catch (error) {
      if (hasCode(error, 'ENOENT')) return undefined
      throw this.#fault('could not convert data into cert/key pair', error)
    }
  }

  /** Takes a new one into use, all of it or nothing. Throws `configuration`. */
  async update({ certificatePem, keyPem }: KeyPair, nowMs: number): Promise<void> {
    const path = this.#path(timeStamp(nowMs))
    try {
      await this.#requireLink('current')
      await this.#requireLink('updated')
      await writeAtomically(path, certificatePem + keyPem, 0o600)
      await rm(this.#path('updated'), { force: true })
      await symlink(resolve(path), this.#path('updated'))
      await rename(this.#path('updated'), this.currentPath)
    } catch (error) {
      if (error instanceof KubeletError) throw error
      throw this.#fault(`the new one cannot be stored`, error)
    }
  }

  /** A kubelet that is killed in the midst of an update leaves only the link that it was about to rename. */
  async #recover(): Promise<void> {
    if ((await kindOf(this.currentPath)) !== 'none' || (await kindOf(this.#path('updated'))) !== 'link') return
    try {
      await rename(this.#path('updated'), this.currentPath)
    } catch (error) {
      throw this.#fault('the link to the new one cannot be renamed', error)
    }
  }

  async #requireLink(name: 'current' | 'updated'): Promise<void> {
    const path = this.#path(name)
    if ((await kindOf(path)) !== 'other') return
    throw new KubeletError('configuration', `expected "${path}" to be a symlink but it is a file: move it away`)
  }

  #fault(what: string, error: unknown): KubeletError {
    const text = `Cannot use the certificate "${this.currentPath}": ${what}: ${failureText(error)}`
    return new KubeletError('configuration', text, { cause: error })
  }

  #path(name: string): string {
    return join(this.#folder, `${this.#prefix}-${name}.pem`)
  }
}

async function kindOf(path: string): Promise<'none' | 'link' | 'other'> {
  try {
    return (await lstat(path)).isSymbolicLink() ? 'link' : 'other'
  } catch {
    return 'none'
  }
}

/** The host's time of day, as the kubelet writes it: `2026-05-01-14-03-59`. */
function timeStamp(ms: number): string {
  const local = new Date(ms)
  const parts = [local.getMonth() + 1, local.getDate(), local.getHours(), local.getMinutes(), local.getSeconds()]
  return [local.getFullYear(), ...parts.map((part) => String(part).padStart(2, '0'))].join('-')
}
