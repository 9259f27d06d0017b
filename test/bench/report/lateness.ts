/**
 * How much later than it was due each of these moments is, for something that is due every `periodMs`. When the first was
 * due nobody knows; so the most punctual one counts as being in time. In the order and the unit of the moments.
 */
export function lateness(moments: readonly number[], periodMs: number): readonly number[] {
  const [first] = moments
  if (first === undefined) return []
  const phases = moments.map((moment) => moment - Math.round((moment - first) / periodMs) * periodMs)
  const due = Math.min(...phases)
  return phases.map((phase) => phase - due)
}
