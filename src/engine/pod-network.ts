import { KubeletError } from '../model/errors.ts'
import type { Engine } from './engine.ts'

/** What Docker calls its usual bridge where a container is made. */
export const usualNetwork = 'default'

/**
 * Throws `configuration` where the network of `--network` is none that Pods can have. Should it go later, the sandboxes
 * that need it fail in Docker's words, and come when it is there again.
 */
export async function requirePodNetwork(
  engine: Pick<Engine, 'networkDriver'>,
  network: string,
  signal: AbortSignal,
): Promise<void> {
  if (network === usualNetwork) return
  const driver = await engine.networkDriver(network, signal)
  if (driver === undefined) {
    throw new KubeletError(
      'configuration',
      `Docker has no network "${network}", which --network asks for: "docker network create ${network}" makes one`,
    )
  }
  if (driver === 'host' || driver === 'null') {
    throw new KubeletError(
      'configuration',
      `In Docker's network "${network}", which --network asks for, Pods get no address of their own: its driver is ${driver}`,
    )
  }
}
