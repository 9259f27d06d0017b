/** Lines of a name and a number, as `memory.stat` and `cpu.stat` have them. What is no number is left out. */
export function keyValues(text: string): Readonly<Record<string, number>> {
  const values: Record<string, number> = {}
  for (const line of text.split('\n')) {
    const at = line.indexOf(' ')
    if (at <= 0) continue
    const value = Number(line.slice(at + 1))
    if (!Number.isNaN(value)) values[line.slice(0, at)] = value
  }
  return values
}

/** The number in a file of one; 0 for none. */
export function wholeNumber(text: string | undefined): number {
  const value = Number(text ?? 0)
  return Number.isNaN(value) ? 0 : value
}

/** Version 1 says that there is no limit of memory with the largest whole number of pages (isMemoryUnlimited). */
const mostBytes = 2 ** 62

/** A limit of memory; `undefined` for none, by either version, or where there is no such file. */
export function memoryLimit(text: string | undefined): number | undefined {
  const value = text === undefined ? Number.NaN : Number.parseInt(text, 10)
  return Number.isNaN(value) || value > mostBytes ? undefined : value
}

/** Usage without the file pages that nobody has asked for lately, and no less than nothing. */
export function workingSet(usage: number, inactiveFile: number): number {
  return Math.max(0, usage - inactiveFile)
}
