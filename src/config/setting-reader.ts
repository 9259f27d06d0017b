import { resolve } from 'node:path'
import type { ConfigField } from './config-file.ts'
import type { Setting } from './settings/setting.ts'

export interface SettingSources {
  /** Texts of the flags that were given, by name. */
  readonly flags: ReadonlyMap<string, readonly string[]>
  /** Fields of the --config file that were given, by path. */
  readonly fields: ReadonlyMap<string, ConfigField>
  /** Where relative paths of the file begin. */
  readonly fileFolder: string
}

/** Reads settings, the flag before the file before the default, and collects the faults on the way. */
export class SettingReader {
  readonly #sources: SettingSources
  readonly #faults = new Set<string>()

  constructor(sources: SettingSources) {
    this.#sources = sources
  }

  /** What was wrong with the settings read so far, each once. */
  get faults(): readonly string[] {
    return [...this.#faults]
  }

  fault(message: string): void {
    this.#faults.add(message)
  }

  /** True when a flag or the file says something about it. */
  isGiven(setting: Setting<unknown>): boolean {
    return this.#texts(setting) !== undefined || this.#field(setting) !== undefined
  }

  /** The setting's value; its default when it isn't given, and also, with a fault noted, when it is wrong. */
  read<Value>(setting: Setting<Value>): Value {
    const { type, fallback, flag } = setting
    const texts = this.#texts(setting)
    if (texts !== undefined) {
      const result = type.fromFlag(texts)
      if (result.kind === 'value') return result.value
      this.fault(`Invalid value "${texts.join(',')}" for --${flag ?? ''}: must be ${result.expected}`)
      return fallback
    }
    const field = this.#field(setting)
    if (field === undefined) return fallback
    const result = type.fromFile(field.value)
    if (result.kind === 'value') return result.value
    this.fault(`${field.place} must be ${result.expected}, not ${JSON.stringify(field.value)}`)
    return fallback
  }

  /** A path made absolute: the command line's begins in the working folder, the file's in the file's own. */
  readPath(setting: Setting<string | undefined>): string | undefined {
    const path = this.read(setting)
    if (path === undefined) return undefined
    return this.#texts(setting) === undefined ? resolve(this.#sources.fileFolder, path) : resolve(path)
  }

  #texts({ flag }: Setting<unknown>): readonly string[] | undefined {
    return flag === undefined ? undefined : this.#sources.flags.get(flag)
  }

  #field({ field, type }: Setting<unknown>): ConfigField | undefined {
    const found = field === undefined ? undefined : this.#sources.fields.get(field)
    return found === undefined || type.isUnset?.(found.value) === true ? undefined : found
  }
}
