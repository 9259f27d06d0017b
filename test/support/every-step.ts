/**
 * Takes each step, one after the other, whatever becomes of those before; throws what they
 * threw, together if it is more.
 */
export async function everyStep(...steps: readonly (() => unknown)[]): Promise<void> {
  const faults: unknown[] = []
  for (const step of steps) {
    try {
      await step()
    } catch (fault) {
      faults.push(fault)
    }
  }
  if (faults.length > 1) throw new AggregateError(faults, faults.map(String).join('; '))
  if (faults.length === 1) throw faults[0]
}
