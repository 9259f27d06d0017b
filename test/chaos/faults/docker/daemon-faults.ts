import { setTimeout as delay } from 'node:timers/promises'
import type { Fault } from '../../fault.ts'
import { mended } from '../mended.ts'

/** dockerd ends and comes back, in each way, with its containers and without. */
const ways = [
  /** As when it crashes; what it left behind it ends when it comes back. */
  { name: 'docker-kill', live: false, crash: true },
  { name: 'docker-kill-live', live: true, crash: true },
  /** As `systemctl restart docker`. */
  { name: 'docker-stop', live: false, crash: false },
  { name: 'docker-stop-live', live: true, crash: false },
] as const

export const daemonFaults: readonly Fault[] = ways.map(({ name, live, crash }) => ({
  name,
  // An agent that finds no Docker when it starts says so and ends, as the kubelet does.
  mayEndAgent: true,
  async inject({ docker, faultMs }, random, signal) {
    await docker.setLiveRestore(live)
    await (crash ? docker.kill() : docker.down())
    try {
      await delay(random.between(0, faultMs), undefined, { signal })
    } finally {
      await docker.up()
    }
    return mended
  },
}))
