import type { VolumeFacts } from '../../volume/pod-volumes.ts'
import { notYetDue } from '../../plan/volume-retries.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * Gathers what the Pod's volumes show of the world. What can't be had is a fact, too: whose failure that is, is for the
 * volume to say. With `everyVolume` those that have failed not long ago are tried, too. Throws `aborted` only.
 */
export async function volumeFacts(
  { memory }: SpecRun,
  everyVolume: boolean,
  _signal: AbortSignal,
): Promise<VolumeFacts> {
  const nowMs = Date.now()
  return { nowMs, notYetDue: everyVolume ? new Set() : notYetDue(memory.volumeRetries, nowMs) }
}
