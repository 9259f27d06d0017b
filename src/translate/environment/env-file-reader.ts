import { KubeletError } from '../../model/errors.ts'

/** More than any process can be given in one variable. */
const longestValue = 1024 * 1024

/** An entry whose quote is still open, and its value so far. */
interface OpenEntry {
  readonly name: string
  readonly value: string
}

/**
 * Reads a file of `NAME='value'` lines, line by line, for one name (ParseEnv in pkg/kubelet/util/env): what is in the
 * quotes is taken as it is and may go on over lines. What stands behind the first entry of that name is not looked at.
 */
export class EnvFileReader {
  readonly #key: string
  #open: OpenEntry | undefined
  #lines = 0

  constructor(key: string) {
    this.#key = key
  }

  /**
   * Takes the next line, without its end. The value when it is known; `undefined`: go on.
   * Throws `invalid` for a bad line.
   */
  take(line: string): string | undefined {
    this.#lines += 1
    if (this.#open !== undefined) return this.#goOn(this.#open, line)
    const text = line.replace(/^[ \t]+/u, '')
    if (text === '' || text.startsWith('#')) return undefined
    const end = text.indexOf('=')
    if (end === -1) throw this.#fault("missing '='")
    const name = text.slice(0, end)
    if (name === '') throw this.#fault('empty variable name')
    if (/[ \t]$/u.test(name)) throw this.#fault("whitespace before '=' is not allowed")
    const value = text.slice(end + 1)
    // As a shell has it: it is empty.
    if (/^[ \t]/u.test(value)) return name === this.#key ? '' : undefined
    if (!value.startsWith("'")) throw this.#fault('value must be enclosed in single quotes')
    return this.#goOn({ name, value: '' }, value.slice(1))
  }

  /** There are no more lines: there is no such entry. Throws `invalid` where a quote is still open. */
  end(): '' {
    if (this.#open !== undefined) throw this.#fault('unclosed single quote')
    return ''
  }

  #goOn({ name, value }: OpenEntry, text: string): string | undefined {
    const close = text.indexOf("'")
    if (close === -1) {
      this.#open = { name, value: name === this.#key ? `${value}${text}\n` : '' }
      if (this.#open.value.length > longestValue) throw this.#fault('the value is too long')
      return undefined
    }
    this.#open = undefined
    if (!/^[ \t]*(?:#.*)?$/su.test(text.slice(close + 1))) throw this.#fault('unexpected content after closing quote')
    return name === this.#key ? value + text.slice(0, close) : undefined
  }

  #fault(what: string): KubeletError {
    return new KubeletError('invalid', `invalid environment variable format at line ${this.#lines}: ${what}`)
  }
}
