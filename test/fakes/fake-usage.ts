import type { ContainerUsage } from '../../src/model/usage.ts'
import { noCpu, noDetails, noMemory } from '../../src/stats/sum-rows.ts'

/** What a container that runs has used, of which only its memory is known. */
export function usageOf(memoryBytes: number, limit: number): ContainerUsage {
  const memory = { ...noMemory, usage: memoryBytes, workingSet: memoryBytes, limit: limit === 0 ? undefined : limit }
  return { ...noDetails, atMs: Date.now(), cpu: { ...noCpu, totalNs: 1_000_000 }, memory, interfaces: [] }
}
