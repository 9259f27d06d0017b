/** Either the value, or what would have been allowed: the rest of a sentence that begins with "must be". */
export type Decoded<Value> =
  | { readonly kind: 'value'; readonly value: Value }
  | { readonly kind: 'fault'; readonly expected: string }

/** How one kind of setting is read from a flag and from the --config file. */
export interface ValueType<Value> {
  /** What stands for the value in the help: `--max-pods NUMBER`. Empty for a switch, which needs none. */
  readonly hint: string
  /** `texts` are the flag's occurrences in order, at least one. */
  fromFlag(texts: readonly string[]): Decoded<Value>
  fromFile(value: unknown): Decoded<Value>
  /** Whether a value in the file says no more than that the field is not set. */
  isUnset?(value: unknown): boolean
}

export function decoded<Value>(value: Value): Decoded<Value> {
  return { kind: 'value', value }
}

export function refused(expected: string): { readonly kind: 'fault'; readonly expected: string } {
  return { kind: 'fault', expected }
}

/** A type that is one text in both places; of a flag given twice the last counts, as with the kubelet. */
export function textType<Value>(hint: string, parse: (text: string) => Decoded<Value>): ValueType<Value> {
  return {
    hint,
    fromFlag: (texts) => parse(texts.at(-1) ?? ''),
    fromFile: (value) => (typeof value === 'string' ? parse(value) : refused('a string')),
  }
}

/** A list: in the file a list of strings, on the command line commas, repetition, or both. */
export function listType<Value>(hint: string, parse: (items: readonly string[]) => Decoded<Value>): ValueType<Value> {
  return {
    hint,
    fromFlag: (texts) => parse(splitCommas(texts)),
    fromFile: (value) => {
      if (!Array.isArray(value)) return refused('a list')
      const items = value.filter((item) => typeof item === 'string')
      return items.length === value.length ? parse(items) : refused('a list of strings')
    },
  }
}

/** `['a,b', 'c']` → `['a', 'b', 'c']`, blanks and empty items dropped. */
export function splitCommas(texts: readonly string[]): readonly string[] {
  return texts
    .flatMap((text) => text.split(','))
    .map((item) => item.trim())
    .filter((item) => item !== '')
}
