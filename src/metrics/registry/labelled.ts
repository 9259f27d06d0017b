import type { MetricLabel } from '../metric-family.ts'

export interface MetricOptions {
  readonly name: string
  /** What it counts or measures, in one sentence. */
  readonly help: string
  /** Names of labels, in the order in which their values are given. */
  readonly labels?: readonly string[]
  /** What the kubelet promises of it. Default: `ALPHA`, nothing. */
  readonly stability?: 'ALPHA' | 'BETA' | 'STABLE' | 'INTERNAL'
}

interface Series<T> {
  readonly values: readonly string[]
  readonly labels: readonly MetricLabel[]
  readonly state: T
}

/** No label's value has it: it is no character. */
const separator = '\uffff'

/** The series of one family, by the values of its labels. One without labels is there from the beginning. */
export class Labelled<T> {
  readonly name: string
  readonly help: string
  readonly #names: readonly string[]
  /** The names in the order of the alphabet, each with its place among those given. */
  readonly #written: readonly (readonly [name: string, index: number])[]
  readonly #make: () => T
  readonly #series = new Map<string, Series<T>>()

  constructor({ name, help, labels = [], stability = 'ALPHA' }: MetricOptions, make: () => T) {
    this.name = name
    this.help = `[${stability}] ${help}`
    this.#names = labels
    this.#written = labels.map((label, index) => [label, index] as const).toSorted(([a], [b]) => (a < b ? -1 : 1))
    this.#make = make
    if (labels.length === 0) this.of([])
  }

  /** The series with these values, as many as there are names; made if need be. */
  of(values: readonly string[]): T {
    const key = values.length === 1 ? (values[0] ?? '') : values.join(separator)
    const known = this.#series.get(key)
    if (known !== undefined) return known.state
    const labels = this.#written.map(([name, index]): MetricLabel => [name, values[index] ?? ''])
    const state = this.#make()
    this.#series.set(key, { values, labels, state })
    return state
  }

  /** Forgets every series of which `isOver` says so; it is given the values in the order of the names. */
  forget(isOver: (values: readonly string[]) => boolean): void {
    for (const [key, { values }] of this.#series) if (isOver(values)) this.#series.delete(key)
  }

  /** Forgets every series that has labels. */
  clear(): void {
    if (this.#names.length > 0) this.#series.clear()
  }

  /** Each series with its labels as they are written, in the order of their values. */
  all(): readonly { readonly labels: readonly MetricLabel[]; readonly state: T }[] {
    if (this.#series.size === 1) return [...this.#series.values()]
    return [...this.#series.values()].toSorted((a, b) => compare(a.labels, b.labels))
  }
}

function compare(a: readonly MetricLabel[], b: readonly MetricLabel[]): number {
  for (const [index, [, value]] of a.entries()) {
    const other = b[index]?.[1] ?? ''
    if (value !== other) return value < other ? -1 : 1
  }
  return 0
}
