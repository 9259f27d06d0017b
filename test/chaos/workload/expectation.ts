/**
 * What a Pod is to come to, when nothing goes wrong any more: it stands in a label, so that
 * whoever sees the Pod knows. Pure.
 */

/** The label. */
export const expectLabel = 'chaos/expect'

export const expectations = [
  /** All of its containers run and are ready. */
  'ready',
  /** It has come to its end, well or not. */
  'over',
  /** It is started again and again. */
  'crashes',
  /** It runs, or is started again and again: which of both depends on what its agent has lived through. */
  'lives',
  /** It can't be started, and its status says why. */
  'waits',
] as const
export type Expectation = (typeof expectations)[number]

/** `undefined` for a Pod that is none of the harness's. */
export function expectationOf(labels: Readonly<Record<string, string>> | undefined): Expectation | undefined {
  return expectations.find((expectation) => expectation === labels?.[expectLabel])
}
