import type { VolumeFacts } from '../../volume/pod-volumes.ts'
import type { SpecRun } from '../pod-run.ts'

/**
 * Gathers what the Pod's volumes show of the world. What can't be had is a fact, too: whose failure that is, is for the
 * volume to say. Throws `aborted` only.
 */
export async function volumeFacts(_run: SpecRun, _signal: AbortSignal): Promise<VolumeFacts> {
  return { nowMs: Date.now() }
}
