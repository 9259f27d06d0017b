import type { MetricFamily, MetricSource } from './metric-family.ts'

/** Asks every source at once; one that fails has nothing to say this time (promhttp's ContinueOnError). */
export async function gather(sources: readonly MetricSource[]): Promise<readonly MetricFamily[]> {
  const told = await Promise.allSettled(sources.map(async (source) => source()))
  return told.flatMap((result) => (result.status === 'fulfilled' ? result.value : []))
}
